/// Numbers that grow with every change of what running gateways cache.
public struct ChangeVersion: Sendable, Hashable {
    /// Of the last change of any kind.
    public let any: Int64
    /// Of the last change of providers, models or prices.
    public let routing: Int64

    public init(any: Int64, routing: Int64) {
        self.any = any
        self.routing = routing
    }
}

/// What a change concerns, and so what running gateways have to read again.
enum ChangeConcern {
    /// Keys and all that decides about them.
    case access
    /// Providers, models and prices; access too.
    case routing
}
