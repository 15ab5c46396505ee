/// A latch: closed at first, open after `open()`. A script or a test waits at it instead of sleeping.
public final class Gate: Sendable {
    private let state = Watched(false)

    /// A closed gate.
    public init() {}

    /// Whether it is open.
    public var isOpen: Bool { state.value }

    /// Releases all waiters, now and later.
    public func open() {
        state.update { $0 = true }
    }

    /// Waits until the gate is open.
    ///
    /// - Throws: `WaitTimeout`; `CancellationError`.
    public func wait(within timeout: Duration = .seconds(30)) async throws {
        try await state.wait(for: "open gate", within: timeout) { $0 ? () : nil }
    }
}
