#!/bin/sh
# Show what the plugin does, on the files in examples/. Needs nothing but Go, and
# shows the same through helm where there is one on PATH.
set -eu
cd "$(dirname "$0")/.."
PATH=$PWD/bin:$PATH
title() { printf '\n\033[1m== %s\033[0m\n' "$*"; }
if [ ! -t 1 ] || [ -n "${NO_COLOR:-}" ]; then
	title() { printf '\n== %s\n' "$*"; }
fi
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
show() { printf '$ %s\n' "$*"; }

title "Lint: good values pass without a word"
show runtime-auth lint examples/values/integrations/token-secret-ref.yaml
runtime-auth lint examples/values/integrations/token-secret-ref.yaml

title "Lint: one letter short, and the chart would have ignored the whole block"
show runtime-auth lint examples/broken/misspelled-key.yaml
if runtime-auth lint examples/broken/misspelled-key.yaml; then
	echo "error: the mistake was not found" >&2
	exit 1
fi

for generation in g1 g2 g3; do
	title "Post-render: what the example chart made of its values ($generation), and what is wired instead"
	show "runtime-auth plan <examples/manifests/$generation.yaml"
	runtime-auth plan <"examples/manifests/$generation.yaml"
done

title "The same as a difference: nothing else is touched (g3)"
show "runtime-auth render <examples/manifests/g3.yaml | diff -u examples/manifests/g3.yaml -"
runtime-auth render <examples/manifests/g3.yaml >"$home/g3.yaml"
diff -u examples/manifests/g3.yaml "$home/g3.yaml" || true # it exits with 1 on a difference

if ! command -v helm >/dev/null; then
	title "There is no helm on PATH: that was all"
	exit 0
fi
title "Through $(helm version --short): the wrapper, which gives the values to chart and post-renderer both"
# A home of its own: the user's plugins are none of this demo's business.
export HELM_DATA_HOME="$home" HELM_PLUGINS="$home/plugins"
plugin=$HELM_PLUGINS/runtime-auth
mkdir -p "$plugin/render"
cp -R plugin.yaml bin "$plugin/"
cp -R render/postrenderer "$plugin/render/"
show helm runtime-auth template runtime examples/chart -f examples/values/integrations/token-secret-ref.yaml
helm runtime-auth template runtime examples/chart -f examples/values/integrations/token-secret-ref.yaml >"$home/out.yaml"
echo "($(grep -c '^kind:' "$home/out.yaml") objects)"
title "In what came out, nothing is left to do"
show "runtime-auth plan <what-came-out.yaml"
runtime-auth plan <"$home/out.yaml"
