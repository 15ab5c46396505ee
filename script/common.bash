# Shared by every script here. Sourced, never run: it changes to the project's root and defines `say` and `fail`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '==> %s\n' "$*" >&2; }

# Prints one line with the problem and what to do, and exits.
fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}
