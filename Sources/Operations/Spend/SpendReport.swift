public import GatewayCore
public import Store

/// What a report is about.
public struct SpendReportRequest: Sendable {
    /// By what its rows are told apart.
    public enum Grouping: Sendable, Hashable {
        /// The owner of the key: a user or a team.
        case owner
        /// The user who owns the key.
        case user
        /// The team that owns the key, or that its user belonged to then.
        case team
        case key, model, provider
        /// The value of the tag with this key.
        case tag(String)
        case session
        /// The calendar day of the zone.
        case day
    }

    public var grouping: Grouping
    public var scope: SpendScope
    public var zone: CalendarZone
    /// The number of rows, at least 1; what they leave out is one row more. Days are always all there.
    public var limit: Int

    public init(by grouping: Grouping, _ scope: SpendScope, zone: CalendarZone = .utc, limit: Int = 50) {
        self.grouping = grouping
        self.scope = scope
        self.zone = zone
        self.limit = limit
    }
}

/// What was spent in a time, in groups. The rows add up to the total, exactly.
public struct SpendReport: Sendable {
    public struct Row: Sendable, Hashable {
        /// Which rows there are besides those of a group.
        public enum Kind: Sendable, Hashable {
            case group
            /// The entries that belong to no group: without the tag, a session, a user or a team.
            case none
            /// All groups that the limit leaves out, and how many they are.
            case rest(groups: Int)
        }

        public let kind: Kind
        /// The id, value or date; empty unless it is a group.
        public let value: String
        /// What people call it; the value itself if there is no name, or no longer.
        public let name: String
        public let figures: SpendFigures
        /// How many attempts have no price, by the reason; nil for a remainder, a day, and where a tag or session
        /// groups or filters.
        public let unpricedReasons: [String: Int64]?
    }

    public let rows: [Row]
    public let total: SpendFigures
    /// How many attempts of all have no price, by the reason; nil where a tag or session filters.
    public let unpricedReasons: [String: Int64]?
}

/// Why a report cannot be made.
public enum SpendReportError: Error, Sendable, Hashable {
    /// Rows are found by one tag or session.
    case twoLabels
    case tooManyDays(max: Int)
    case limit(max: Int)
    /// A comparison would take too much memory.
    case tooManyRows(max: Int)
    /// No user, team or key has the name, and the ledger has no such id; `forms` says what can be given.
    case unknown(kind: String, String, forms: String)
    /// Several keys have the name.
    case ambiguousKey(String, publicIDs: [String])

    /// One line for the operator.
    public var message: String {
        switch self {
        case .twoLabels: "A report uses one tag or session: to group by, or to filter by."
        case .tooManyDays(let max): "The range is longer than \(max) days."
        case .limit(let max): "The limit is not between 1 and \(max)."
        case .tooManyRows(let max): "The ledger has more than \(max) rows in that time."
        case .unknown(let kind, let text, _): "There is no \(kind) \(text), and the ledger has none with that id."
        case .ambiguousKey(let name, let publicIDs): "\(publicIDs.count) keys are named \(name)."
        }
    }

    /// What the operator can do about it.
    public var hint: String {
        switch self {
        case .twoLabels: "Group by something else, or filter by something else."
        case .tooManyDays: "Ask for a shorter range, or group by something else."
        case .limit: "Ask for fewer rows, or filter."
        case .tooManyRows: "Compare a shorter time, or one provider."
        case .unknown(_, _, let forms): "Give \(forms)."
        case .ambiguousKey(_, let publicIDs): "Give the public id: \(publicIDs.joined(separator: ", "))."
        }
    }
}
