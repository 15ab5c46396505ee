public import GatewayCore

extension LedgerEntryCodec {
    /// The entry of `bytes`. Reads no byte outside them, whatever they are.
    public static func decode(_ bytes: [UInt8]) throws(DecodingError) -> LedgerEntry {
        let result: Result<LedgerEntry, DecodingError> = bytes.withUnsafeBytes { bytes in
            do throws(DecodingError) {
                return .success(try decode(bytes))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    static func decode(_ bytes: UnsafeRawBufferPointer) throws(DecodingError) -> LedgerEntry {
        guard let version = bytes.first else { throw .truncated }
        guard version == Self.version else { throw .unknownVersion(version) }
        guard bytes.count >= fixedBytes else { throw .truncated }
        guard let operation = Codes.operation(bytes[1]) else { throw .invalid(field: "operation") }
        guard let endReason = Codes.endReason(bytes[2]) else { throw .invalid(field: "end_reason") }
        guard let usageSource = Codes.usageSource(bytes[3]) else { throw .invalid(field: "usage_source") }
        let flags = Flags(rawValue: bytes[5])
        guard bytes[7] == 0 else { throw .invalid(field: "reserved") }
        guard flags.contains(.price) || !flags.contains(.pricingID) else { throw .invalid(field: "pricing_id") }
        let ended = load(bytes, 104)
        guard flags.contains(.endedAt) || ended == 0 else { throw .invalid(field: "ended_at") }
        guard let attempt = Int(exactly: load(bytes, 8)) else { throw .invalid(field: "attempt") }

        var texts = TextReader(bytes: bytes, position: fixedBytes)
        let id = LedgerEntry.ID(requestID: try texts.next("request_id"), attempt: attempt)
        let replicaID = try texts.next("replica_id")
        let caller = Caller(
            keyID: try texts.next("key_id"), keyPublicID: try texts.next("key_public_id"),
            userID: try texts.next("user_id", if: flags.contains(.userID)),
            teamID: try texts.next("team_id", if: flags.contains(.teamID)))
        let requestedModel = try texts.next("requested_model")
        let resolvedModel = try texts.next("resolved_model")
        let provider = try texts.next("provider")
        let route = try texts.next("route")
        let upstreamModel = try texts.next("upstream_model")
        let client = ClientFacts(
            session: try texts.next("session", if: flags.contains(.session)),
            agent: try texts.next("agent", if: flags.contains(.agent)),
            client: try texts.next("client", if: flags.contains(.client)))
        let reason = try texts.next("unpriced_reason", if: bytes[4] == Codes.unpriced)
        guard let pricing = Codes.pricing(bytes[4], reason: reason) else { throw .invalid(field: "pricing_status") }
        let price = try price(flags, &texts)
        let tags = try tags(Int(bytes[6]), &texts)
        guard texts.position == bytes.count else { throw .trailingBytes }
        return LedgerEntry(
            id: id, replicaID: replicaID, caller: caller, operation: operation, requestedModel: requestedModel,
            resolvedModel: resolvedModel, provider: provider, route: route, upstreamModel: upstreamModel,
            client: client, tags: tags, classes: classes(bytes), pricing: pricing, price: price,
            hold: Money(nanodollars: load(bytes, 72)), cost: Money(nanodollars: load(bytes, 80)),
            endReason: endReason, usageSource: usageSource, admittedAt: load(bytes, 88), startedAt: load(bytes, 96),
            endedAt: flags.contains(.endedAt) ? ended : nil)
    }

    /// The identity alone, which costs less.
    static func decodeID(_ bytes: UnsafeRawBufferPointer) throws(DecodingError) -> LedgerEntry.ID {
        guard let version = bytes.first else { throw .truncated }
        guard version == Self.version else { throw .unknownVersion(version) }
        guard bytes.count >= fixedBytes else { throw .truncated }
        guard let attempt = Int(exactly: load(bytes, 8)) else { throw .invalid(field: "attempt") }
        var texts = TextReader(bytes: bytes, position: fixedBytes)
        return LedgerEntry.ID(requestID: try texts.next("request_id"), attempt: attempt)
    }

    private static func load(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> Int64 {
        Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Int64.self))
    }

    private static func classes(_ bytes: UnsafeRawBufferPointer) -> TokenClasses {
        TokenClasses(
            inputUncached: load(bytes, 16), inputCacheRead: load(bytes, 24), inputCacheWrite: load(bytes, 32),
            inputAudio: load(bytes, 40), outputText: load(bytes, 48), outputReasoning: load(bytes, 56),
            outputAudio: load(bytes, 64))
    }

    private static func price(_ flags: Flags, _ texts: inout TextReader) throws(DecodingError) -> AppliedPrice? {
        guard flags.contains(.price) else { return nil }
        let pricingID = try texts.next("pricing_id", if: flags.contains(.pricingID))
        return AppliedPrice(
            pricingID: pricingID, rates: try texts.next("rates"), provenance: try texts.next("provenance"))
    }

    private static func tags(_ count: Int, _ texts: inout TextReader) throws(DecodingError) -> [RequestTags.Tag] {
        guard count > 0 else { return [] }
        var tags: [RequestTags.Tag] = []
        for _ in 0..<count {
            tags.append(RequestTags.Tag(key: try texts.next("tag"), value: try texts.next("tag")))
        }
        return tags
    }
}

private struct TextReader {
    let bytes: UnsafeRawBufferPointer
    var position: Int

    mutating func next(_ field: String) throws(LedgerEntryCodec.DecodingError) -> String {
        guard bytes.count - position >= 2 else { throw .truncated }
        let count = Int(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt16.self)))
        guard bytes.count - position - 2 >= count else { throw .truncated }
        let start = position + 2
        position = start + count
        let text = UnsafeRawBufferPointer(rebasing: bytes[start..<position])
        // ASCII needs no validation, which costs three times as much as the rest.
        if text.allSatisfy({ $0 < 0x80 }) { return String(decoding: text, as: UTF8.self) }
        guard let text = String(validating: text, as: UTF8.self) else { throw .invalid(field: field) }
        return text
    }

    mutating func next(
        _ field: String, if isThere: Bool
    ) throws(LedgerEntryCodec.DecodingError) -> String? {
        isThere ? try next(field) : nil
    }
}
