package sandbox

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"strconv"
	"time"
)

// push queues a job and sees to it that its address has workers. The caller holds h.mu.
func (h *hooks) push(j *job) {
	if h.closed {
		return
	}
	h.pending++
	q := h.queue[j.hook.url]
	// A held one (a reordered webhook) waits at the end for just one other to overtake it.
	if n := len(q); n > 0 && q[n-1].held {
		held := q[n-1]
		held.held, j.held = false, false
		q = append(q[:n-1:n-1], j, held)
	} else {
		q = append(q, j)
	}
	h.queue[j.hook.url] = q
	if !h.workers[j.hook.url] {
		h.workers[j.hook.url] = true
		for range h.s.opts.HookConcurrency {
			go h.work(j.hook.url)
		}
	}
	h.wake.Broadcast()
}

// work sends what is queued for one address, in order.
func (h *hooks) work(url string) {
	for {
		h.mu.Lock()
		for q := h.queue[url]; !h.closed && (len(q) == 0 || q[0].held); q = h.queue[url] {
			h.wake.Wait()
		}
		if h.closed {
			h.mu.Unlock()
			return
		}
		j := h.queue[url][0]
		h.queue[url] = h.queue[url][1:]
		h.nextID++
		id := h.nextID
		h.mu.Unlock()

		d := h.send(id, j)

		h.mu.Lock()
		h.remember(d)
		h.pending--
		if h.pending == 0 {
			h.idle.Broadcast()
		}
		h.mu.Unlock()
	}
}

func (h *hooks) remember(d *Delivery) {
	h.total++
	h.log = append(h.log, d)
	h.byID[d.ID] = d
	keep := h.s.opts.KeepPayloads
	if n := len(h.log); n > keep {
		old := h.log[n-keep-1]
		old.Payload, old.reqHeader, old.respHeader = nil, nil, nil
	}
	if len(h.log) > 40*keep {
		for _, old := range h.log[:20*keep] {
			delete(h.byID, old.ID)
		}
		h.log = append([]*Delivery(nil), h.log[20*keep:]...)
	}
}

// send makes the one attempt that a webhook gets.
func (h *hooks) send(id int64, j *job) *Delivery {
	if j.delay > 0 {
		select {
		case <-time.After(j.delay):
		case <-h.ctx.Done():
		}
	}
	if j.raw == nil {
		j.raw = encode(j.payload)
	}
	d := &Delivery{ID: id, GUID: j.guid, Event: j.event, Action: j.action, URL: j.hook.url, DeliveredAt: h.s.now(),
		Redelivery: j.redelivery, Installation: j.inst, Repository: j.repo, Payload: j.raw}
	if j.lost || j.hook.url == "" {
		d.Status, d.Lost = "failed to connect to host", j.lost
		return d
	}
	req, err := h.request(j)
	if err != nil {
		d.Status = "invalid URL: " + err.Error()
		return d
	}
	d.reqHeader = req.Header
	start := time.Now()
	resp, err := h.client.Do(req)
	d.Duration = time.Since(start)
	if err != nil {
		d.Status = "failed to connect to host"
		if d.Duration >= h.s.opts.HookTimeout {
			d.Status = "timed out"
		}
		return d
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(resp.Body, 4096))
	io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<20))
	d.StatusCode, d.respHeader, d.response = resp.StatusCode, resp.Header, string(body)
	d.Status = "OK"
	if resp.StatusCode/100 != 2 {
		d.Status = "Invalid HTTP Response: " + strconv.Itoa(resp.StatusCode)
	}
	return d
}

func (h *hooks) request(j *job) (*http.Request, error) {
	ctx := context.WithoutCancel(h.ctx)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, j.hook.url, bytes.NewReader(j.raw))
	if err != nil {
		return nil, err
	}
	s256, s1 := hmac.New(sha256.New, []byte(j.hook.secret)), hmac.New(sha1.New, []byte(j.hook.secret))
	s256.Write(j.raw)
	s1.Write(j.raw)
	for k, v := range map[string]string{"Accept": "*/*", "Content-Type": "application/json",
		"User-Agent": "GitHub-Hookshot/" + j.guid[:7], "X-GitHub-Delivery": j.guid, "X-GitHub-Event": j.event,
		"X-GitHub-Hook-ID":                       strconv.FormatInt(h.s.app.ID*1000+1, 10),
		"X-GitHub-Hook-Installation-Target-ID":   strconv.FormatInt(h.s.app.ID, 10),
		"X-GitHub-Hook-Installation-Target-Type": "integration",
		"X-Hub-Signature":                        "sha1=" + hex.EncodeToString(s1.Sum(nil)),
		"X-Hub-Signature-256":                    "sha256=" + hex.EncodeToString(s256.Sum(nil))} {
		req.Header.Set(k, v)
	}
	return req, nil
}
