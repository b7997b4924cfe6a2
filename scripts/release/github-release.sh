#!/usr/bin/env bash
# github-release.sh TAG FOLDER: creates a GitHub release with all assets. An immutable release accepts no assets after it
# is published, so it stays a draft until all are uploaded. A draft of a failed run is replaced.
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
