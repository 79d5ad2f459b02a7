package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/metrics"
)

// The image is built with the Go version that the module asks for and with the
// build tags of the Makefile, and does not run as root.
func TestDockerfileFollowsTheBuild(t *testing.T) {
	dockerfile := read(t, "Dockerfile")
	version := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(read(t, "go.mod"))
	tags := regexp.MustCompile(`-tags=(\S+?)\)`).FindStringSubmatch(read(t, "Makefile"))
	if version == nil || tags == nil {
		t.Fatal("go.mod or Makefile no longer say how to build")
	}
	for _, want := range []string{"FROM --platform=$BUILDPLATFORM golang:" + version[1] + "-", "-tags " + tags[1] + " ", "CGO_ENABLED=0", "\nFROM scratch\n", "\nUSER 65532:65532\n"} {
		if !strings.Contains(dockerfile, want) {
			t.Errorf("the Dockerfile has no %q", want)
		}
	}
}

// The calls in the unit, the image and the compose file are ones that the
// program understands.
func TestDeployedCallsParse(t *testing.T) {
	unit := regexp.MustCompile(`(?m)^ExecStart=(.*)$`).FindStringSubmatch(read(t, "deploy/wolkwijs.service"))
	image := regexp.MustCompile(`(?m)^ *CMD \[(.*)\]$`).FindAllStringSubmatch(read(t, "Dockerfile"), -1)
	if unit == nil || len(image) != 2 {
		t.Fatal("not all calls found")
	}
	words := strings.NewReplacer(`"`, "", ",", "")
	for _, line := range []string{unit[1], "wolkwijs " + words.Replace(image[0][1]), words.Replace(image[1][1])} {
		args, ok := calledWith(line)
		if !ok {
			t.Fatalf("%q is no call", line)
		}
		if err := parses(t, args); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
}

// systemd finds little that the unit could still do without, where systemd is.
func TestUnitIsHardened(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze is not on this machine")
	}
	out, err := exec.Command(analyze, "security", "--offline=true", "--no-pager", "deploy/wolkwijs.service").CombinedOutput()
	if strings.Contains(string(out), "unrecognized option") {
		t.Skip("systemd-analyze is too old to look at a file")
	}
	level := regexp.MustCompile(`Overall exposure level for \S+: (\d+\.\d+)`).FindStringSubmatch(string(out))
	if level == nil {
		t.Fatalf("%v: %s", err, out)
	}
	if exposure, err := strconv.ParseFloat(level[1], 64); err != nil || exposure >= 2 {
		t.Errorf("the exposure is %s of 10, and should be under 2:\n%s", level[1], out)
	}
}

// The dashboard is JSON, and asks only for metrics that the program has.
func TestDashboardFitsTheMetrics(t *testing.T) {
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal([]byte(read(t, "deploy/grafana.json")), &dashboard); err != nil {
		t.Fatal(err)
	}
	m := metrics.New("test")
	m.Command("tip", metrics.Answered, time.Second)
	m.DNS("MX", string(dnsq.GotAnswer))
	m.Queue(func() int { return 0 })
	m.Posted(time.Second)
	rec := httptest.NewRecorder()
	m.Handler().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	served := rec.Body.String()
	asked := 0
	for _, panel := range dashboard.Panels {
		for _, target := range panel.Targets {
			for _, name := range regexp.MustCompile(`\b(?:wolkwijs|process|go)_[a-z_]+`).FindAllString(target.Expr, -1) {
				asked++
				if !regexp.MustCompile(`(?m)^` + name + `[ {]`).MatchString(served) {
					t.Errorf("%s: there is no metric %s", panel.Title, name)
				}
			}
		}
	}
	if asked < 8 {
		t.Errorf("only %d metrics are asked for: is the pattern still right?", asked)
	}
}
