package cli

import "runtime/debug"

// release is the version that scripts/dist.sh writes into the programs of a release.
// The linker can write into a variable and into nothing else; nobody else may.
var release string

// version is that of the release, or of the module from which the program was built.
func version() string {
	if release != "" {
		return release
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "unknown"
}
