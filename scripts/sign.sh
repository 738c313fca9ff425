#!/bin/sh
# Sign the archives for Helm 4 in a folder, and its checksums: a .prov beside every
# archive, as `helm plugin verify` reads it, and checksums.txt.asc.
#   SIGN_KEY              the key: a name, an address or a fingerprint
#   SIGN_KEYRING          a file with the exported secret key; without it gpg's own keys
#   SIGN_PASSPHRASE_FILE  a file with its passphrase; without it a key of SIGN_KEYRING has none, and
#                         for any other gpg asks
# usage: sign.sh FOLDER
set -eu
folder=$1
if [ -n "${SIGN_KEYRING:-}" ]; then
	GNUPGHOME=$(mktemp -d) # gpg keeps what it imports; here nothing may stay
	export GNUPGHOME
	trap 'gpgconf --kill all; rm -rf "$GNUPGHOME"' EXIT
	trap 'exit 1' INT TERM
	# Of a copy that is gone in a moment the agent need not measure how often to hash the
	# passphrase, which takes seconds on a busy machine.
	echo s2k-count 65536 >"$GNUPGHOME/gpg-agent.conf"
	gpg --batch --quiet --import "$SIGN_KEYRING"
fi
if [ -n "${SIGN_PASSPHRASE_FILE:-}" ]; then
	set -- --pinentry-mode loopback --passphrase-file "$SIGN_PASSPHRASE_FILE"
elif [ -n "${SIGN_KEYRING:-}" ]; then
	set -- --pinentry-mode loopback --passphrase ''
else
	set --
fi
# sign OPTION…: gpg with the key and what belongs to it
sign() { gpg --batch --yes --quiet --local-user "$SIGN_KEY" --digest-algo SHA512 "$@"; }

for archive in "$folder"/*.tgz; do
	case $archive in
	*-helm3.tgz) continue ;; # Helm 3 verifies no plugins
	esac
	name=${archive##*/}
	plugin=${name%%-[0-9]*}
	metadata=$(tar -xzOf "$archive" "$plugin/plugin.yaml" | sed '/^ *#/d')
	version=$(printf '%s\n' "$metadata" | sed -n 's/^version: *//p')
	sum=sha256:$(awk -v name="$name" '$2 == name { print $1 }' "$folder/checksums.txt")
	# What Helm signs: the plugin's metadata, and after a line of dots the archive's
	# name and sum. It verifies by the last two, and keeps what it has installed under
	# a name without the platform, by which `helm plugin list` looks for the sum again
	# (helm 4.3, pkg/provenance and internal/plugin/signing_info.go).
	printf '%s\n\n...\nfiles:\n  %s: %s\n  %s: %s\n' "$metadata" "$name" "$sum" "$plugin-$version.tgz" "$sum" |
		sign "$@" --clear-sign --output "$archive.prov"
done
sign "$@" --armor --detach-sign --output "$folder/checksums.txt.asc" "$folder/checksums.txt"
