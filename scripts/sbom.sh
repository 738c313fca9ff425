#!/bin/sh
# Print the modules that the programs are made of, with the version of Go, as a
# CycloneDX document. usage: sbom.sh VERSION
set -eu
cd "$(dirname "$0")/.."
tool=v1.10.0
gomod=$(scripts/cache.sh cyclonedx-gomod $tool github.com/CycloneDX/cyclonedx-gomod cmd/cyclonedx-gomod)
new=$(mktemp)
trap 'rm -f "$new"' EXIT
"$gomod" mod -json -std -short-purls -noserial -notimestamp -output "$new" .

# Without a tag the tool makes up a version out of the commit, everywhere the same;
# of itself it does not know the version, and tells the sums of a binary that comes
# out differently on every platform.
made=$(sed -n 's|.*"bom-ref": "pkg:golang/github.com/helm-runtime-auth/runtime-auth@\([^?"]*\).*|\1|p' "$new" | head -n 1)
[ -n "$made" ] || { echo "error: the document does not name this module" >&2; exit 1; }
sed "s|$made|$1|g; s|v0\.0\.0-unknown|$tool|" "$new" | awk '
	/^    "component": / { past = 1 }
	!past && /"hashes": \[/ { skipped = 1 }
	!skipped { print }
	/^ *\],?$/ { skipped = 0 }'
