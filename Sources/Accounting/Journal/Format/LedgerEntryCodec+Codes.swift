import GatewayCore

extension LedgerEntryCodec {
    /// Which optional parts an entry has.
    struct Flags: OptionSet {
        let rawValue: UInt8

        static let userID = Flags(rawValue: 1)
        static let teamID = Flags(rawValue: 2)
        static let session = Flags(rawValue: 4)
        static let agent = Flags(rawValue: 8)
        static let client = Flags(rawValue: 16)
        static let price = Flags(rawValue: 32)
        static let pricingID = Flags(rawValue: 64)
        static let endedAt = Flags(rawValue: 128)

        init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        init(of entry: LedgerEntry) {
            var flags: Flags = []
            if entry.caller.userID != nil { flags.insert(.userID) }
            if entry.caller.teamID != nil { flags.insert(.teamID) }
            if entry.client.session != nil { flags.insert(.session) }
            if entry.client.agent != nil { flags.insert(.agent) }
            if entry.client.client != nil { flags.insert(.client) }
            if let price = entry.price {
                flags.insert(.price)
                if price.pricingID != nil { flags.insert(.pricingID) }
            }
            if entry.endedAt != nil { flags.insert(.endedAt) }
            self = flags
        }
    }

    /// The numbers of the closed lists. A number is never used for anything else, also not after its case is gone.
    enum Codes {
        static func code(of operation: APIOperation) -> UInt8 {
            switch operation {
            case .chat: 1
            case .responses: 2
            case .embeddings: 3
            }
        }

        static func operation(_ code: UInt8) -> APIOperation? {
            switch code {
            case 1: .chat
            case 2: .responses
            case 3: .embeddings
            default: nil
            }
        }

        static func code(of reason: EndReason) -> UInt8 {
            switch reason {
            case .complete: 1
            case .refused: 2
            case .clientCancelled: 3
            case .upstreamError: 4
            case .upstreamTruncated: 5
            case .timeout: 6
            case .gatewayCrashed: 7
            case .shutdown: 8
            }
        }

        static func endReason(_ code: UInt8) -> EndReason? {
            switch code {
            case 1: .complete
            case 2: .refused
            case 3: .clientCancelled
            case 4: .upstreamError
            case 5: .upstreamTruncated
            case 6: .timeout
            case 7: .gatewayCrashed
            case 8: .shutdown
            default: nil
            }
        }

        /// 0 means that there is no source.
        static func code(of source: UsageSource?) -> UInt8 {
            switch source {
            case nil: 0
            case .heldMaximum: 1
            case .estimated: 2
            case .providerPartial: 3
            case .providerFinal: 4
            }
        }

        /// - Returns: nil for an unknown code.
        static func usageSource(_ code: UInt8) -> UsageSource?? {
            switch code {
            case 0: .some(nil)
            case 1: .heldMaximum
            case 2: .estimated
            case 3: .providerPartial
            case 4: .providerFinal
            default: nil
            }
        }

        static func code(of pricing: PricingStatus) -> UInt8 {
            switch pricing {
            case .priced: 1
            case .free: 2
            case .unpriced: unpriced
            case .notBilled: 4
            }
        }

        static let unpriced: UInt8 = 3

        /// - Parameter reason: of `unpriced`.
        static func pricing(_ code: UInt8, reason: String?) -> PricingStatus? {
            switch (code, reason) {
            case (1, nil): .priced
            case (2, nil): .free
            case (unpriced, let reason?): .unpriced(reason: reason)
            case (4, nil): .notBilled
            default: nil
            }
        }
    }
}
