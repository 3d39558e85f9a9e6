package main

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/istio-ecosystem/slipway/internal/ghclient"
)

// metrics is what /metrics shows. Labels are closed sets: nothing that a
// repository or a person chooses becomes one.
type metrics struct {
	registry *prometheus.Registry
	webhooks *prometheus.CounterVec
	requests *prometheus.CounterVec
	latency  prometheus.Histogram
	worked   *prometheus.CounterVec
	took     *prometheus.HistogramVec
	foreign  prometheus.Counter
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		webhooks: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "slipway_webhooks_total", Help: "Webhook deliveries by event and outcome.",
		}, []string{"event", "outcome"}),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "slipway_github_requests_total", Help: "Requests to GitHub by method and status; status 0 is no answer.",
		}, []string{"method", "status"}),
		latency: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "slipway_github_request_seconds", Help: "How long GitHub took to answer.",
			Buckets: prometheus.ExponentialBuckets(0.005, 2, 13),
		}),
		worked: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "slipway_worked_total", Help: "Keys worked by handler and result (changed, unchanged, later, gone, failed, stuck; silent: a person was told too often).",
		}, []string{"handler", "result"}),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "slipway_work_seconds", Help: "How long working a key took.",
			Buckets: prometheus.ExponentialBuckets(0.005, 2, 13),
		}, []string{"handler"}),
		foreign: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "slipway_foreign_checks_total", Help: "Check runs of other Apps under the name of a check of Slipway's.",
		}),
	}
	m.registry.MustRegister(m.webhooks, m.requests, m.latency, m.worked, m.took, m.foreign,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) request(r ghclient.Request) {
	m.requests.WithLabelValues(r.Method, strconv.Itoa(r.Status)).Inc()
	m.latency.Observe(r.Duration.Seconds())
}

func (m *metrics) work(handler, result string, took time.Duration) {
	m.worked.WithLabelValues(handler, result).Inc()
	m.took.WithLabelValues(handler).Observe(took.Seconds())
}

// gauges registers what is asked for at each scrape.
func (m *metrics) gauges(depth func(context.Context) (waiting, running, parked float64, err error), ahead func() time.Duration) {
	m.registry.MustRegister(queueCollector{depth: depth}, prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "slipway_clock_ahead_seconds", Help: "How far this machine's clock is ahead of GitHub's; 0 below 30 s.",
	}, func() float64 { return ahead().Seconds() }))
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// queueCollector reads the queue's depth when Prometheus asks.
type queueCollector struct {
	depth func(context.Context) (waiting, running, parked float64, err error)
}

var queueKeys = prometheus.NewDesc("slipway_queue_keys", "Keys in the queue by state (waiting, running, parked).", []string{"state"}, nil)

// Describe implements prometheus.Collector.
func (queueCollector) Describe(ch chan<- *prometheus.Desc) { ch <- queueKeys }

// Collect implements prometheus.Collector.
func (q queueCollector) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	waiting, running, parked, err := q.depth(ctx)
	if err != nil {
		ch <- prometheus.NewInvalidMetric(queueKeys, err)
		return
	}
	for state, n := range map[string]float64{"waiting": waiting, "running": running, "parked": parked} {
		ch <- prometheus.MustNewConstMetric(queueKeys, prometheus.GaugeValue, n, state)
	}
}
