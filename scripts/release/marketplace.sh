#!/usr/bin/env bash
# marketplace.sh FOLDER: publishes the .vsix as the application that az is logged in as. The token lives for an hour, is
# stored nowhere, and is passed to tfx on standard input, because every process of the machine can read arguments.
set -euo pipefail
folder=$1

# The id is that of Azure DevOps, whose tokens the Marketplace accepts.
token=$(az account get-access-token --resource 499b84ac-1321-427f-aa17-267ca6975798 --query accessToken --output tsv)
echo "::add-mask::$token"
printf '%s\n' "$token" | npx --no-install tfx extension publish --vsix "$folder"/assets/*.vsix --no-color
