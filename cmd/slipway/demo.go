package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/ghclient"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

func demoCommand() *cobra.Command {
	var exit bool
	var listen, serveAt string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Play a release story against a built-in stand-in for GitHub",
		Long: "Demo starts Slipway on a database of its own and a stand-in for GitHub with a small\n" +
			"organisation, plays a story, prints who did what and why, and stays up for you to look\n" +
			"around and act as any of the people. Nothing leaves this machine.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return demo(cmd.Context(), cmd.OutOrStdout(), demoOptions{exit: exit, github: listen, slipway: serveAt})
		},
	}
	cmd.Flags().BoolVar(&exit, "exit", false, "end after the story: status 0 if every scene came out as told")
	cmd.Flags().StringVar(&listen, "github", "127.0.0.1:0", "address of the stand-in for GitHub; port 0 takes a free one")
	cmd.Flags().StringVar(&serveAt, "slipway", "127.0.0.1:0", "address of Slipway; port 0 takes a free one")
	return cmd
}

type demoOptions struct {
	exit            bool
	github, slipway string // addresses to listen on
}

// demo plays the story and, unless told to exit, stays up until ctx ends.
func demo(ctx context.Context, out io.Writer, o demoOptions) (err error) {
	dir, err := os.MkdirTemp("", "slipway-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	clock := &storyClock{}
	gh, err := sandbox.New(sandbox.Options{Dir: filepath.Join(dir, "github"), Listen: o.github, Now: clock.Now})
	if err != nil {
		return fmt.Errorf("start the stand-in for GitHub: %w", err)
	}
	defer func() { err = errors.Join(err, gh.Close()) }()
	if err := errors.Join(buildWorld(gh, gatedPolicy), addRelease(gh)); err != nil {
		return fmt.Errorf("build the demo's organisation: %w", err)
	}
	settings, err := config.Load("", demoSettings(gh, dir, o.slipway))
	if err != nil {
		return err
	}
	file, err := writeSettings(gh, dir)
	if err != nil {
		return err
	}
	diary := &diary{}
	p, err := newProgram(ctx, settings, zerolog.New(diary).Level(zerolog.InfoLevel), surroundings{now: clock.Now})
	if err != nil {
		return err
	}
	if err := p.Start(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Stop()) }()
	gh.SetHook("http://"+p.Addr()+"/api/github/hook", gh.App().WebhookSecret)

	fmt.Fprint(out, cast)
	s := &stage{out: out, gh: gh, program: p, diary: diary, clock: clock}
	if err := s.play(ctx, story()); err != nil {
		fmt.Fprintln(out, err)
		return errSaid
	}
	if o.exit {
		return nil
	}
	fmt.Fprintf(out, `The demo stays up until you press Ctrl-C. Nothing leaves this machine.

  GitHub's stand-in   %s     open a pull request, comment as anyone
  Slipway             http://%s     /healthz, /readyz, /metrics

Try it: open %s/istio/istio in a browser, choose a pull request
and comment "/release freeze release-1.30 my reason" as alice, then as mallory.
Or ask what Slipway would do, and why:
  ./bin/slipway plan freeze istio/istio pr/1 --config %s
`, gh.URL(), p.Addr(), gh.URL(), file)
	<-ctx.Done()
	return nil
}

// demoSettings are the settings of a real deployment, but for pacing.
func demoSettings(gh *sandbox.Server, dir, listen string) []string {
	return append(gh.Environ(),
		"SLIPWAY_SERVER_LISTEN="+listen,
		"SLIPWAY_DATABASE_URL=sqlite://"+filepath.Join(dir, "slipway.db"),
		"SLIPWAY_GIT_DIR="+filepath.Join(dir, "git"))
}

// writeSettings writes a settings file for the stand-in, for `slipway plan`.
func writeSettings(gh *sandbox.Server, dir string) (string, error) {
	app := gh.App()
	key, file := filepath.Join(dir, "app.pem"), filepath.Join(dir, "slipway.yml")
	text := fmt.Sprintf("github:\n  web_url: %s\n  app:\n    integration_id: %d\n    webhook_secret: %q\n    private_key_file: %s\n",
		gh.URL(), app.ID, app.WebhookSecret, key)
	return file, errors.Join(os.WriteFile(key, []byte(app.PrivateKeyPEM), 0o600), os.WriteFile(file, []byte(text), 0o600))
}

// The demo's repository and the branch of its story.
const (
	demoRepo   = "istio/istio"
	demoBranch = "release-1.30"
)

// demoPolicy is the organisation's policy, in its repository `.github`.
const demoPolicy = `# Which branches Slipway governs, and who manages their releases.
branches: ["release-*"]
release_managers: ["release-managers-{major}-{minor}"]
freeze:
  label: code-freeze
`

// gatedPolicy adds to it that picks rest on the approvals of experts, and what a
// release needs.
const gatedPolicy = demoPolicy + `releasebranch:
  codeowners: true
  tests: ["**/*_test.go"]
` + demoReleasePolicy

// codeOwners says who knows the code: whom picks rest on.
const codeOwners = "* @istio/wg-networking\n"

// buildWorld makes a small organisation that looks like Istio's.
func buildWorld(gh *sandbox.Server, policy string) error {
	var err error
	try := func(e error) { err = errors.Join(err, e) }
	for _, login := range []string{"alice", "bob", "carol", "dave", "erin", "mallory"} {
		_, e := gh.CreateUser(login)
		try(e)
	}
	try(gh.CreateOrg("istio", "alice", "bob", "carol", "dave", "erin"))
	try(gh.CreateRepo("istio", ".github", sandbox.RepoOptions{Files: map[string]string{".github/slipway.yml": policy}}))
	for name, files := range map[string]map[string]string{
		"istio": {"README.md": "# Istio\n", "CODEOWNERS": codeOwners, "pilot/pkg/xds/ads.go": "package xds\n\n// Push sends a configuration.\nfunc Push() {}\n"},
		"api":   {"README.md": "# API\n", "networking/v1/gateway.proto": "syntax = \"proto3\";\n"},
	} {
		try(gh.CreateRepo("istio", name, sandbox.RepoOptions{Files: files}))
		for _, branch := range []string{"release-1.29", demoBranch} {
			try(gh.CreateBranch("istio/"+name, branch, "master"))
		}
		for _, login := range []string{"alice", "bob", "carol", "dave"} {
			try(gh.AddCollaborator("istio/"+name, login, "write"))
		}
	}
	try(gh.CreateTeam("istio", "release-managers-1-30", "alice"))
	try(gh.CreateTeam("istio", "release-managers-1-29", "dave"))
	try(gh.CreateTeam("istio", "wg-networking", "erin"))
	for _, repo := range []string{"istio/istio", "istio/api"} {
		try(gh.AddTeamRepo("istio", "wg-networking", repo, "push"))
	}
	if err != nil {
		return err
	}
	_, err = gh.Install("istio", sandbox.InstallOptions{Permissions: ghclient.Permissions()})
	return err
}

// cast introduces the story.
const cast = `A code freeze, two cherry-picks, a change by hand, a short release and release notes on istio/istio, on a stand-in for GitHub.
alice manages release 1.30, dave 1.29, and both of them 1.31; erin knows the networking code; bob and carol write code;
mallory is a stranger.

`

// sceneTimeout is how long a scene may take to come out as told.
const sceneTimeout = 5 * time.Minute
