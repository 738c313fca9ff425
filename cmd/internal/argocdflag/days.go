//go:build cluster

package argocdflag

import (
	"strconv"
	"strings"
	"time"
)

// Days is the value of a flag: a duration in which days of 24 hours may come first, such
// as 90d or 1d12h.
type Days time.Duration

// Set implements pflag.Value.
func (d *Days) Set(text string) error {
	number, rest, has := strings.Cut(text, "d")
	if !has {
		number, rest = "0", text
	}
	n, err := strconv.ParseUint(number, 10, 16) // whose days do not overflow
	if has && rest == "" {
		rest = "0"
	}
	hours, bad := time.ParseDuration(rest)
	if err != nil || bad != nil || has && hours < 0 {
		return strconv.ErrSyntax
	}
	*d = Days(time.Duration(n)*24*time.Hour + hours)
	return nil
}

// String implements pflag.Value.
func (d *Days) String() string {
	if *d == 0 {
		return "0" // which help does not show
	}
	return time.Duration(*d).String()
}

// Type implements pflag.Value.
func (d *Days) Type() string { return "days" }
