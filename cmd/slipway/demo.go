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
	"github.com/istio-ecosystem/slipway/config/istio"
	"github.com/istio-ecosystem/slipway/internal/ghclient"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

func demoCommand() *cobra.Command {
	o := demoOptions{program: os.Args[0]}
	var list bool
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Play a release story against a built-in stand-in for GitHub",
		Long: "Demo starts Slipway on a database of its own and a stand-in for GitHub with a small\n" +
			"organisation on Istio's policy, plays a story, and prints who did what and what Slipway made of it. It then\n" +
			"stays up for you to look around and act as any of the people. Nothing leaves this machine.",
		Example: `  slipway demo
  slipway demo --scene conflict
  slipway demo --exit --verbose`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return fmt.Errorf("demo takes no arguments, but got %q; a scene is named with --scene", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case list && o.scene != "":
				return errors.New("--list plays no scene, so it doesn't go with --scene")
			case list:
				return listScenes(cmd.OutOrStdout())
			case o.scene == "" && cmd.Flags().Changed("scene"):
				return noScene("")
			}
			return demo(cmd.Context(), cmd.OutOrStdout(), o)
		},
	}
	cmd.Flags().StringVar(&o.scene, "scene", "", "show this scene alone, with every text that Slipway posts")
	cmd.Flags().BoolVar(&list, "list", false, "name the scenes, and play none")
	cmd.Flags().BoolVarP(&o.verbose, "verbose", "v", false, "print every text that Slipway posts")
	cmd.Flags().BoolVar(&o.exit, "exit", false, "end after the story: status 0 if every act came out as told")
	cmd.Flags().StringVar(&o.github, "github", "127.0.0.1:0", "address of the stand-in for GitHub; port 0 takes a free one")
	cmd.Flags().StringVar(&o.slipway, "slipway", "127.0.0.1:0", "address of Slipway; port 0 takes a free one")
	return cmd
}

type demoOptions struct {
	scene           string // the only one to show; "" is all of them
	verbose, exit   bool
	github, slipway string // addresses to listen on
	program         string // how this program was called
}

func listScenes(out io.Writer) error {
	for _, sc := range story() {
		if _, err := fmt.Fprintf(out, "%-12s %s\n", sc.name, sc.about); err != nil {
			return err
		}
	}
	return nil
}

// demo plays the story and, unless told to exit, stays up until ctx ends.
func demo(ctx context.Context, out io.Writer, o demoOptions) (err error) {
	before, shown, err := scenesFor(o.scene)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "slipway-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	clock := newStoryClock(machine.clock())
	gh, err := sandbox.New(sandbox.Options{Dir: filepath.Join(dir, "github"), Listen: o.github, Now: clock.now})
	if err != nil {
		return fmt.Errorf("start the stand-in for GitHub (--github): %w", err)
	}
	defer func() { err = errors.Join(err, gh.Close()) }()
	if err := buildDemo(gh); err != nil {
		return fmt.Errorf("build the demo's organisation: %w", err)
	}
	settings, err := config.Load("", demoSettings(gh, dir, o.slipway))
	if err != nil {
		return fmt.Errorf("start Slipway (--slipway): %w", err)
	}
	file, err := writeSettings(gh, dir)
	if err != nil {
		return err
	}
	diary := &diary{}
	p, err := newProgram(ctx, settings, zerolog.New(diary).Level(zerolog.WarnLevel), surroundings{now: clock.now})
	if err != nil {
		return err
	}
	if err := p.Start(ctx); err != nil {
		return fmt.Errorf("start Slipway (--slipway): %w", err)
	}
	defer func() { err = errors.Join(err, p.Stop()) }()
	gh.SetHook("http://"+p.Addr()+"/api/github/hook", gh.App().WebhookSecret)

	s := &stage{out: out, verbose: o.verbose || o.scene != "", gh: gh, program: p, clock: clock, diary: diary, numbers: map[string]int{}, read: map[string]bool{}}
	if err := s.perform(ctx, before, shown); err != nil {
		fmt.Fprintln(out, err)
		return errSaid
	}
	if o.exit {
		return nil
	}
	if err := passes(max(0, -time.Duration(clock.ahead.Load())))(s); err != nil { // what comes now is today's
		return err
	}
	s.guide(shown, o.program, file)
	<-ctx.Done()
	return nil
}

// buildDemo makes the demo's organisation, on Istio's policy.
func buildDemo(gh *sandbox.Server) error {
	policy, err := istio.Cutdown()
	if err != nil {
		return err
	}
	return errors.Join(buildWorld(gh, policy), addIstio(gh))
}

// perform introduces the people, plays the scenes before quietly, and shows the others.
func (s *stage) perform(ctx context.Context, before, shown []scene) error {
	quiet := *s
	quiet.out, quiet.verbose = io.Discard, false
	fmt.Fprint(s.out, cast)
	for _, sc := range before {
		fmt.Fprintf(s.out, "(The scene %q is played before, quietly.)\n", sc.name)
	}
	if err := quiet.play(ctx, before); err != nil {
		return err
	}
	if err := s.play(ctx, shown); err != nil {
		return err
	}
	fmt.Fprintln(s.out, "Everything came out as told.")
	return nil
}

// guide says where to look, and what to try.
func (s *stage) guide(shown []scene, program, settings string) {
	fmt.Fprint(s.out, "The demo stays up until you press Ctrl-C. The pages of the scenes:\n\n")
	for _, sc := range shown {
		fmt.Fprintf(s.out, "  %-12s %s%s\n", sc.name, s.gh.URL(), sc.page(s))
	}
	fmt.Fprintf(s.out, `
What to try next:
  - Open a pull request, and comment "/release freeze release-1.30 my reason" there: as mallory, then as alice.
  - See a scene with every text that Slipway posts: %[1]s demo --scene conflict
  - Ask what a freeze would hold back: %[1]s plan freeze istio/istio preview/release-1.30 --config %[2]s
  - Watch Slipway itself at http://%[3]s: /healthz, /readyz, /metrics
`, program, settings, s.program.Addr())
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
const cast = `A release story on istio/istio by Istio's policy, on a stand-in for GitHub: who does what, and below it what Slipway makes of it.
slipway/... are its checks on pull requests. Release branches require them, so one that fails holds the merge back.
alice manages release 1.30, dave 1.29, and both of them 1.31. bob and carol write code, erin knows the networking
code, and mallory is a stranger.

`

// actTimeout is how long an act may take to come out as told.
const actTimeout = 5 * time.Minute
