#!/usr/bin/env bash
# move-major-tag.sh TAG [REMOTE]: moves vX to the commit of the newest vX.Y.Z. vX is a plain tag without a release,
# because a release would make it immutable. When TAG is not the newest of its major version, vX stays.
set -euo pipefail
tag=$1 remote=${2:-origin}

if ! [[ $tag =~ ^v[0-9]+\.[0-9]+\.[0-9]+$ ]]; then
  echo "$tag is not of the form vX.Y.Z." >&2
  exit 1
fi
major=${tag%%.*}
newest=$(git ls-remote --tags --refs "$remote" "refs/tags/$major.*" |
  sed -n 's|.*refs/tags/\(v[0-9]*\.[0-9]*\.[0-9]*\)$|\1|p' | sort --version-sort | tail -n 1)
if [ "$newest" != "$tag" ]; then
  echo "$major stays: ${newest:-no tag} is newer than $tag."
  exit 0
fi
git fetch --quiet --depth 1 "$remote" "refs/tags/$tag:refs/tags/$tag"
commit=$(git rev-parse "refs/tags/$tag^{commit}")
git push --quiet --force "$remote" "$commit:refs/tags/$major"
echo "$major is $tag, commit $commit."
