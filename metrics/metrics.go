// Package metrics counts what the program does, for Prometheus. No label ever
// holds a user, a room or a domain: all values of a label are known before
// the program starts, or come from a short list in the code.
//
// May import: github.com/prometheus/client_golang.
package metrics

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Outcome is what became of a question.
type Outcome string

// The outcomes.
const (
	Answered Outcome = "answered"
	Failed   Outcome = "failed"  // the answer says that it did not work
	Silent   Outcome = "silent"  // there was nothing to say
	Panicked Outcome = "panic"   // the command crashed
	Limited  Outcome = "limited" // too many questions
	TooLong  Outcome = "too_long"
	Unsent   Outcome = "unsent" // the homeserver refused the answer
)

// Metrics are the numbers of one program. A nil *Metrics counts nothing.
type Metrics struct {
	registry        *prometheus.Registry
	commands        *prometheus.CounterVec
	latency         *prometheus.HistogramVec
	dns             *prometheus.CounterVec
	syncFailures    prometheus.Counter
	decryptFailures prometheus.Counter
	lastSync        prometheus.Gauge
	scheduleLag     prometheus.Histogram
}

// New returns metrics that are all zero.
func New(version string) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		commands: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "wolkwijs_commands_total", Help: "Questions by command and what became of them.",
		}, []string{"command", "outcome"}),
		latency: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "wolkwijs_answer_seconds", Help: "Time from receiving a question to the answer's arrival at the homeserver.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60},
		}, []string{"command"}),
		dns: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "wolkwijs_dns_queries_total", Help: "DNS queries by RR type and outcome.",
		}, []string{"type", "outcome"}),
		syncFailures:    prometheus.NewCounter(prometheus.CounterOpts{Name: "wolkwijs_sync_failures_total", Help: "Failed requests for news from the homeserver."}),
		decryptFailures: prometheus.NewCounter(prometheus.CounterOpts{Name: "wolkwijs_decrypt_failures_total", Help: "Events that could not be decrypted."}),
		lastSync:        prometheus.NewGauge(prometheus.GaugeOpts{Name: "wolkwijs_last_sync_timestamp_seconds", Help: "When the homeserver last answered, in Unix time."}),
		scheduleLag: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "wolkwijs_schedule_lag_seconds", Help: "How late scheduled posts were.",
			Buckets: []float64{1, 5, 15, 60, 300, 3600, 86400},
		}),
	}
	info := prometheus.NewGauge(prometheus.GaugeOpts{Name: "wolkwijs_info", Help: "The running version.", ConstLabels: prometheus.Labels{"version": version}})
	info.Set(1)
	m.registry.MustRegister(m.commands, m.latency, m.dns, m.syncFailures, m.decryptFailures, m.lastSync, m.scheduleLag, info,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Handler serves the numbers in Prometheus' text format.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// Queue has depth asked for how many events wait, each time the numbers are
// read.
func (m *Metrics) Queue(depth func() int) {
	if m == nil {
		return
	}
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "wolkwijs_queue_depth", Help: "Events waiting for an answer.",
	}, func() float64 { return float64(depth()) }))
}

// Command counts a question, by the English name of its command, and how long
// it took.
func (m *Metrics) Command(name string, outcome Outcome, took time.Duration) {
	if m == nil {
		return
	}
	if name == "" {
		name = "none"
	}
	m.commands.WithLabelValues(name, string(outcome)).Inc()
	m.latency.WithLabelValues(name).Observe(took.Seconds())
}

// DNS counts a query, by the mnemonic of its RR type and what came of it.
func (m *Metrics) DNS(rrtype, outcome string) {
	if m != nil {
		m.dns.WithLabelValues(rrtype, outcome).Inc()
	}
}

// Synced notes that the homeserver answered.
func (m *Metrics) Synced(at time.Time) {
	if m != nil {
		m.lastSync.Set(float64(at.UnixMilli()) / 1000)
	}
}

// SyncFailed counts a request for news that failed.
func (m *Metrics) SyncFailed() {
	if m != nil {
		m.syncFailures.Inc()
	}
}

// DecryptFailed counts an event that could not be decrypted.
func (m *Metrics) DecryptFailed() {
	if m != nil {
		m.decryptFailures.Inc()
	}
}

// Posted notes how late a scheduled post was.
func (m *Metrics) Posted(late time.Duration) {
	if m != nil {
		m.scheduleLag.Observe(late.Seconds())
	}
}
