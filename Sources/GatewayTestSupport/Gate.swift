/// A latch: closed at first, open for ever after `open()`. A script or a test waits at it instead of sleeping.
public final class Gate: Sendable {
    private let state = Watched(false)

    /// A closed gate.
    public init() {}

    /// Whether it has been opened.
    public var isOpen: Bool { state.value }

    /// Lets everybody through, now and later.
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
