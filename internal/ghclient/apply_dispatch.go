package ghclient

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// applyDispatch looks for the note of an earlier try. Without one nothing was sent:
// the note is written first. With one, the ledger knows how far that try came.
func (c *Client) applyDispatch(ctx context.Context, e effect.Dispatch) (done, error) {
	made, err := c.ownComment(ctx, noteOf(e, effect.MadeDispatch))
	if err != nil || made != nil {
		return done{url: made.GetHTMLURL()}, err
	}
	noted, err := c.ownComment(ctx, noteOf(e, effect.NotedDispatch))
	if err != nil {
		return done{}, err
	}
	if noted != nil && !reconcile.TryOf(ctx).Known {
		return done{}, inDoubt(e, errors.New("an earlier try died before it was noted as made, and so did the database"))
	}
	return wrote(c.dispatch(ctx, e, noted))
}

// noteOf is the comment that notes a dispatch, without its text.
func noteOf(e effect.Dispatch, kind string) effect.Comment {
	return effect.Comment{Repo: e.Note.Repo, Number: e.Note.Number, Mark: effect.Mark{Kind: kind, ID: e.Note.ID}}
}

func inDoubt(e effect.Dispatch, err error) *reconcile.OutcomeUnknownError {
	return &reconcile.OutcomeUnknownError{What: e.String(), Err: err}
}

// dispatch notes it, makes it, and notes that it was made. One that came through in an
// earlier try, by the ledger, is only noted.
func (c *Client) dispatch(ctx context.Context, e effect.Dispatch, noted *gh.IssueComment) (url string, err error) {
	note := noted
	if noted == nil {
		if note, err = c.writeNote(ctx, e, effect.NotedDispatch, e.Note.Before, nil); err != nil {
			return "", err
		}
	}
	before, err := reconcile.TryOf(ctx).Sends(ctx)
	switch {
	case err != nil:
		return "", err
	case noted != nil && before == reconcile.LedgerStarted:
		return "", inDoubt(e, errors.New("an earlier try died before it was noted as made"))
	case noted == nil || before == reconcile.LedgerNew:
		if err := c.sendOnce(ctx, e, note); err != nil {
			return "", err
		}
	}
	note, err = c.writeNote(ctx, e, effect.MadeDispatch, e.Note.After, note)
	return note.GetHTMLURL(), err
}

// sendOnce makes the call and has the ledger know that it came through. If GitHub
// surely didn't take it, the note goes again; if nobody knows, it stays.
func (c *Client) sendOnce(ctx context.Context, e effect.Dispatch, note *gh.IssueComment) error {
	err := c.send(ctx, e)
	switch {
	case err == nil:
		return reconcile.TryOf(ctx).Sent(ctx)
	case !surelyNot(err):
		return inDoubt(e, err)
	}
	if derr := c.deleteNote(ctx, e, note); derr != nil {
		return inDoubt(e, errors.Join(err, derr))
	}
	return refusedDispatch(e, err)
}

// writeNote writes the note, or edits the one that there is.
func (c *Client) writeNote(ctx context.Context, e effect.Dispatch, kind, text string, have *gh.IssueComment) (*gh.IssueComment, error) {
	as := noteOf(e, kind)
	line, err := c.opts.Sealer.Seal(effect.Place{Repo: e.Note.RepoID, Number: e.Note.Number}, as.Mark, e.Note.Record)
	if err != nil {
		return nil, err
	}
	return c.putComment(ctx, as, e.Key()+" "+kind, have, effect.FitCharacters(line+"\n"+text, maxBody))
}

func (c *Client) deleteNote(ctx context.Context, e effect.Dispatch, note *gh.IssueComment) error {
	return c.write(ctx, e.Note.Repo, "delete comment", e.Key()+" undo", func(g *gh.Client) error {
		_, err := g.Issues.DeleteComment(ctx, e.Note.Repo.Owner, e.Note.Repo.Name, note.GetID())
		return err
	})
}

// send makes the one call that can't be repeated.
func (c *Client) send(ctx context.Context, e effect.Dispatch) error {
	return c.write(ctx, e.Repo, e.String(), e.Key(), func(g *gh.Client) error {
		if e.Workflow == "" {
			payload, err := json.Marshal(e.Inputs)
			if err != nil {
				return err
			}
			raw := json.RawMessage(payload)
			_, _, err = g.Repositories.Dispatch(ctx, e.Repo.Owner, e.Repo.Name, gh.DispatchRequestOptions{EventType: e.Event, ClientPayload: &raw})
			return err
		}
		inputs := map[string]any{}
		for name, value := range e.Inputs {
			inputs[name] = value
		}
		_, err := g.Actions.CreateWorkflowDispatchEventByFileName(ctx, e.Repo.Owner, e.Repo.Name, e.Workflow,
			gh.CreateWorkflowDispatchEventRequest{Ref: string(e.Ref), Inputs: inputs})
		return err
	})
}

// surelyNot reports an error after which nothing was started: GitHub said no, or
// the call was never made.
func surelyNot(err error) bool {
	var later *reconcile.RetryAfterError
	var cannot *reconcile.RefusedError
	var passing *reconcile.PassingError
	return errors.As(err, &later) || errors.As(err, &cannot) || errors.As(err, &passing) || errors.Is(err, ErrNotFound) || errors.Is(err, reconcile.ErrGone)
}

// refusedDispatch says what people can mend. Limits are only for the next try.
func refusedDispatch(e effect.Dispatch, err error) error {
	cannot := &reconcile.RefusedError{}
	is := errors.As(err, &cannot)
	told := func(why string, parts ...any) error {
		return &reconcile.RefusedError{Reason: fmt.Sprintf(why, parts...), Said: cannot.Said, Next: cannot.Next, Err: err}
	}
	switch {
	case e.Workflow == "" && (errors.Is(err, ErrNotFound) || notGranted(err)):
		return told("GitHub doesn't let Slipway %s; the App probably lacks the permission \"contents: write\" there", e)
	case errors.Is(err, ErrNotFound):
		return told("%s has no workflow %q on its default branch", e.Repo, e.Workflow)
	case notGranted(err):
		return told("GitHub doesn't let Slipway %s; the App probably lacks the permission \"actions: write\"", e)
	case is:
		return &reconcile.RefusedError{Reason: fmt.Sprintf("GitHub refuses to %s: %s", e, cmp.Or(cannot.Said, cannot.Reason)), Next: cannot.Next, Err: err}
	}
	return err
}
