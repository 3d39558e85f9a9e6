package calendars

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"

	"github.com/istio-ecosystem/slipway/internal/ical"
)

// Bounds of one request.
const (
	timeout      = 20 * time.Second // all of it
	maxRedirects = 3
	maxHeader    = 64 << 10 // bytes
	maxTag       = 500      // bytes that are sent back
)

// answer is what an address has now.
type answer struct {
	unchanged     bool // since the one that is known
	text          string
	tag, modified string
}

// The refusals of our own.
var (
	errUnlisted = errors.New("it leads to an address that isn't on this deployment's list")
	errFar      = fmt.Errorf("it leads on more than %d times", maxRedirects)
	errPrivate  = errors.New("its name leads to an address that isn't public, and which the list doesn't name by its number")
)

// get asks an address once. fault is a phrase; it is the same for the same cause, since it stands in checks.
func (f *Fetcher) get(ctx context.Context, address string, known seen) (a answer, fault string) {
	ctx, done := context.WithTimeout(ctx, timeout)
	defer done()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return a, "its address can't be read"
	}
	req.Header.Set("User-Agent", f.UserAgent)
	req.Header.Set("Accept", "text/calendar, */*;q=0.1")
	if known.Text != "" && known.Tag != "" {
		req.Header.Set("If-None-Match", known.Tag)
	}
	if known.Text != "" && known.Modified != "" {
		req.Header.Set("If-Modified-Since", known.Modified)
	}
	resp, err := f.client().Do(req)
	if err != nil {
		return a, faultOf(err)
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode == http.StatusNotModified && known.Text != "":
		return answer{unchanged: true}, ""
	case resp.StatusCode != http.StatusOK:
		return a, fmt.Sprintf("it answers with the status %d", resp.StatusCode)
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, ical.MaxSize+1))
	switch {
	case err != nil:
		return a, faultOf(err)
	case len(text) > ical.MaxSize:
		return a, fmt.Sprintf("it has more than %d bytes", ical.MaxSize)
	}
	return answer{text: string(text), tag: short(resp.Header.Get("ETag")), modified: short(resp.Header.Get("Last-Modified"))}, ""
}

// short is a name that a server gives a version, if it is one to send back.
func short(tag string) string {
	if len(tag) > maxTag {
		return ""
	}
	return tag
}

// client makes a client for one request: an hour lies between two.
func (f *Fetcher) client() *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			DialContext: dial, DisableKeepAlives: true, MaxResponseHeaderBytes: maxHeader,
			TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: f.Roots},
		},
		CheckRedirect: func(req *http.Request, via []*http.Request) error {
			switch {
			case len(via) > maxRedirects:
				return errFar
			case !f.List.Has(req.URL.String()):
				return errUnlisted
			}
			req.Header.Del("Referer") // the address may hold a secret
			return nil
		},
	}
}

// dial connects to a listed host. One that is listed by its number is meant; where a name leads is
// looked at.
func dial(ctx context.Context, network, hostPort string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(hostPort)
	if err != nil {
		return nil, err
	}
	var d net.Dialer
	if _, err := netip.ParseAddr(host); err != nil {
		d.Control = func(_, to string, _ syscall.RawConn) error {
			at, err := netip.ParseAddrPort(to)
			if err != nil || !public(at.Addr()) {
				return errPrivate
			}
			return nil
		}
	}
	return d.DialContext(ctx, network, hostPort)
}

// notPublic are the networks beside those that netip knows: shared, reserved and for documents and
// measurements, and those that lead to IPv4 inside IPv6.
// https://www.iana.org/assignments/iana-ipv4-special-registry
// https://www.iana.org/assignments/iana-ipv6-special-registry
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"), netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("100::/64"), netip.MustParsePrefix("2001::/23"),
	netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("fec0::/10"), netip.MustParsePrefix("::/96"),
}

// public reports whether an address is one of the whole internet's.
func public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	for _, p := range notPublic {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// faultOf says what became of a request. What the network says may name what is inside, and differs
// from try to try.
func faultOf(err error) string {
	for _, own := range []error{errUnlisted, errFar, errPrivate} {
		if errors.Is(err, own) {
			return own.Error()
		}
	}
	var timedOut net.Error
	var noName *net.DNSError
	var untrusted *tls.CertificateVerificationError
	switch {
	case errors.As(err, &untrusted):
		return "its certificate isn't good"
	case errors.As(err, &timedOut) && timedOut.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return fmt.Sprintf("it doesn't answer within %s", timeout)
	case errors.As(err, &noName):
		return "its name isn't known"
	}
	return "it can't be reached"
}
