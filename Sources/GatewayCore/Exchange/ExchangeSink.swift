/// A consumer of finished requests on one event loop: the log line today, journal, request log, metrics and spans
/// later.
///
/// Belongs to its loop, so it needs no locks, and must not block.
public protocol ExchangeSink: AnyObject {
    /// Takes a request that has ended. Called once for each.
    func record(_ exchange: Exchange)
    /// Hands over what has been collected: called several times a second, and when the loop stops.
    func flush()
}
