import GatewayCore
import Operations

/// Keys that a command has created and shows once.
enum ShownOnce {
    /// Shows them by `show`. If that does not arrive, no operator has the keys, so they are revoked
    /// again.
    /// - Throws: `CommandFailure` if they could not be shown.
    static func show(_ publicIDs: [String], of keys: KeyService, by show: () throws -> Void) async throws {
        try show()
        guard let reason = Terminal.outputFailure else { return }
        let names = publicIDs.joined(separator: ", ")
        do {
            for publicID in publicIDs { _ = try await keys.revoke(publicID: publicID, actor: .commandLine) }
        } catch {
            throw CommandFailure(
                .checkFailed,
                "Keys were created, but cannot be shown (\(reason)), nor revoked again: \(CommandFailure(error).message)",
                hint: "Revoke them: `gateway keys revoke` with each of \(names).")
        }
        throw CommandFailure(
            .checkFailed, "Keys were created, but cannot be shown (\(reason)), so they are revoked again: \(names).",
            hint: "Create others with `gateway keys create`, and a standard output that can be written.")
    }
}
