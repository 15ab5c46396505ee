# What every script here shares. Sourced, never run: it moves to the project's root and defines `say` and `fail`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '==> %s\n' "$*" >&2; }

# One line that says what is wrong and what to do, then the end.
fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}
