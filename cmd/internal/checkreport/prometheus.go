//go:build cluster

package checkreport

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/preflight"
)

// The metrics. Names and units are an interface, described in docs/check.md.
const (
	statusMetric = "runtime_auth_check_status"
	expiryMetric = "runtime_auth_key_expiry_timestamp_seconds"
)

// prometheus writes the reports in the text format of Prometheus, for a Pushgateway or
// the textfile collector. All samples of a metric stand together, so those of the keys
// wait for the end.
func prometheus() layout {
	var keys strings.Builder
	return layout{
		begin: "# HELP " + statusMetric + " 1 for the status with which a check of a Runtime ended, 0 for the others.\n# TYPE " + statusMetric + " gauge\n",
		report: func(r preflight.Report, _ bool) (string, error) {
			if r.Key != nil {
				expires := "+Inf"
				if !r.Key.Expires.IsZero() {
					expires = strconv.FormatInt(r.Key.Expires.Unix(), 10)
				}
				keys.WriteString(sample(expiryMetric, expires, "namespace", r.Namespace, "release", r.Release, "account", r.Key.Account, "id", r.Key.ID))
			}
			return statuses(r), nil
		},
		end: func(Summary) (string, error) {
			return "# HELP " + expiryMetric + " When the API key of a Runtime expires, in seconds since 1970; +Inf where it never does.\n# TYPE " + expiryMetric + " gauge\n" + keys.String(), nil
		},
	}
}

// statuses returns a sample for each check and status: the worst counts of a check that
// found several things.
func statuses(r preflight.Report) string {
	order := []preflight.Status{preflight.OK, preflight.Skipped, preflight.Warning, preflight.Failed}
	worst := map[string]int{}
	var ids []string
	for _, result := range r.Results {
		if !slices.Contains(ids, result.ID) {
			ids = append(ids, result.ID)
		}
		worst[result.ID] = max(worst[result.ID], slices.Index(order, result.Status))
	}
	var b strings.Builder
	for _, id := range ids {
		for i, status := range order {
			is := "0"
			if i == worst[id] {
				is = "1"
			}
			b.WriteString(sample(statusMetric, is, "namespace", r.Namespace, "release", r.Release, "check", id, "status", string(status)))
		}
	}
	return b.String()
}

// sample writes one line; labels are pairs of name and value.
func sample(metric, value string, labels ...string) string {
	escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)
	var pairs []string
	for pair := range slices.Chunk(labels, 2) {
		pairs = append(pairs, fmt.Sprintf(`%s="%s"`, pair[0], escape.Replace(strings.ToValidUTF8(pair[1], "\uFFFD"))))
	}
	return fmt.Sprintf("%s{%s} %s\n", metric, strings.Join(pairs, ","), value)
}
