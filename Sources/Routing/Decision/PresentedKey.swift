public import GatewayCore

/// The key of a request, and how much of it has been verified.
public enum PresentedKey: Sendable {
    /// `KeyVerifier` accepted the token before the body was read.
    case verified(KeyRecord)
    /// Only the record is known; the decision checks it and takes the secret as correct.
    case recordOnly(KeyRecord)

    public var record: KeyRecord {
        switch self {
        case .verified(let record), .recordOnly(let record): record
        }
    }
}
