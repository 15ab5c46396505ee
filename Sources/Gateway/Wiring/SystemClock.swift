import Foundation

/// The clock of commands, in the unit of every stored time.
enum SystemClock {
    /// Microseconds since 1970 UTC.
    @Sendable static func now() -> Int64 {
        Int64(Date().timeIntervalSince1970 * 1_000_000)
    }
}
