import Database
import Foundation
import GatewayCore

extension StoreTransaction {
    /// Writes who did what to which thing.
    ///
    /// - Parameters:
    ///   - action: `<subject>.<verb>`, such as `api_key.revoke`.
    ///   - before: the thing as it was, nil if it is new. A type made for the audit trail: it holds no secret and no
    ///     hash.
    ///   - after: the thing as it is now, nil if it is gone.
    func audit(_ action: String, subject id: String, before: (any Encodable)?, after: (any Encodable)?) throws {
        try connection.execute(
            """
            INSERT INTO audit_log
                (id, at, actor_kind, actor_id, actor_name, address, request_id, action, subject_id, before, after)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            """,
            [
                .text(newID()), .int64(now), .text(actor.kind.rawValue), .text(actor.userID), .text(actor.name),
                .text(actor.address), .text(actor.requestID), .text(action), .text(id), .text(before.map(Self.json)),
                .text(after.map(Self.json)),
            ])
    }

    private static func json(_ state: any Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(state), as: UTF8.self)
    }
}
