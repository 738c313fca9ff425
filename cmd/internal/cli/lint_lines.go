package cli

import (
	"regexp"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/fleet"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/report"
	"github.com/helm-runtime-auth/runtime-auth/schema/mask"
)

// manifestLines shows the lines of a manifest: those of values as their release has
// them, and of the rest only keys that say what stands below them.
type manifestLines struct {
	lines    []string
	plain    *regexp.Regexp
	releases []fleet.Release
}

func manifestVersion(data []byte, releases []fleet.Release) report.Version {
	return report.Version{Data: data, Lines: manifestLines{
		lines:    strings.Split(string(data), "\n"),
		plain:    regexp.MustCompile(`^[ -]*((spec|chart|sources?|helm|template|values|valuesObject|valuesInline|valuesContent|helmCharts|releases|forProvider|parameters|metadata|destination):( \|-?)?)?\r?$`),
		releases: releases,
	}}
}

// Line implements report.Lines.
func (m manifestLines) Line(file string, number int) ([]mask.Piece, bool) {
	for _, r := range m.releases {
		if r.Lines.Has(number) {
			return r.Lines.Line(file, number)
		}
	}
	if number < 1 || number > len(m.lines) || !m.plain.MatchString(m.lines[number-1]) {
		return nil, false
	}
	return []mask.Piece{{Text: strings.TrimSuffix(m.lines[number-1], "\r")}}, true
}
