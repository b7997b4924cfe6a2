#!/usr/bin/env bash
# github-release.sh TAG FOLDER: a GitHub release with all assets in it. An immutable one takes none once it is
# published, so it is a draft until they are there. A draft that a failed run has left is made anew.
set -euo pipefail
tag=$1 folder=$2

if draft=$(gh release view "$tag" --json isDraft --jq .isDraft 2> /dev/null); then
  if [ "$draft" != true ]; then
    echo "The release $tag is published already."
    exit 0
  fi
  gh release delete "$tag" --yes
fi
gh release create "$tag" --verify-tag --draft --title "$tag" --notes-file "$folder/notes.md" "$folder"/assets/*
gh release edit "$tag" --draft=false
