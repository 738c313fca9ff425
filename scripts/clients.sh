#!/bin/sh
# The two Helm clients that the tests run. examples/clients_test.go reads the
# versions from here.
set -eu
cache=$(dirname "$0")/cache.sh
"$cache" helm v3.22.0 helm.sh/helm/v3 cmd/helm quick
"$cache" helm v4.3.1 helm.sh/helm/v4 cmd/helm quick
