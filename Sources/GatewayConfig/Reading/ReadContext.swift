import GatewayCore

/// The state shared while a document is read: the issues found so far, the declared names, and the references' values.
final class ReadContext {
    /// Where references get their values.
    enum Source {
        /// The document is the gateway's own file.
        case file(ReferenceResolver)
        /// The document is stored; only what the gateway's own file refers to has a value.
        case stored(OwnReferences)
    }

    let file: String
    private let source: Source
    private(set) var errors: [ConfigurationIssue] = []
    private(set) var warnings: [ConfigurationIssue] = []
    private var declared: [NameKind: [String: Place]] = [:]
    private var mentions: [Mention] = []
    /// The secrets of this document, by their paths.
    private(set) var secrets: [String: OwnReferences.Entry] = [:]
    /// Nil if prices are not checked.
    var prices: PriceListCheck?

    init(file: String, source: Source) {
        self.file = file
        self.source = source
    }

    /// The environment of the process; empty for a stored document.
    var environment: [String: String] {
        switch source {
        case .file(let resolver): resolver.environment
        case .stored: [:]
        }
    }

    /// The value of the secret at `path`. It is stored as its reference; a literal's value is masked.
    func secret(_ reference: ValueReference, at path: String) throws(ReferenceResolver.Unresolved) -> Secret {
        switch source {
        case .file(let resolver):
            let value = Result { () throws(ReferenceResolver.Unresolved) in try resolver.resolve(reference) }
            secrets[path] = OwnReferences.Entry(reference: reference, value: value)
            return try value.get()
        case .stored(let own): return try own.value(of: reference, at: path)
        }
    }

    /// The value of the secret at `path`, which is written without a reference and stored masked.
    func maskedSecret(_ text: String, at path: String) throws(ReferenceResolver.Unresolved) -> Secret {
        switch source {
        case .file:
            secrets[path] = OwnReferences.Entry(reference: nil, value: .success(Secret(text)))
            return Secret(text)
        case .stored(let own): return try own.value(of: nil, at: path)
        }
    }

    /// The value of a setting that is no secret, and is stored as this value.
    func value(_ reference: ValueReference, at path: String) throws(ReferenceResolver.Unresolved) -> String {
        switch (source, reference) {
        case (.file(let resolver), _): try resolver.resolve(reference).reveal()
        case (.stored, .literal(let text)): text.reveal()
        case (.stored(let own), _): try own.value(of: reference, at: path).reveal()
        }
    }

    func error(at place: Place, _ message: String) {
        errors.append(ConfigurationIssue(file: file, position: place.position, path: place.path, message: message))
    }

    func warning(at place: Place, _ message: String) {
        warnings.append(ConfigurationIssue(file: file, position: place.position, path: place.path, message: message))
    }

    /// Records that the document declares `name`; a second declaration is an error.
    func declare(_ kind: NameKind, _ name: String, at place: Place) {
        if let first = declared[kind]?[name] {
            let firstPlace = first.position.map { "on line \($0.line)" } ?? first.path
            error(at: place, "\"\(name)\" is declared twice; the first is \(firstPlace)")
        } else {
            declared[kind, default: [:]][name] = place
        }
    }

    /// Records that the document mentions `name`, which may be declared later.
    func mention(_ kind: NameKind, _ name: String, at place: Place) {
        mentions.append(Mention(kind: kind, name: name, place: place))
    }

    func isDeclared(_ kind: NameKind, _ name: String) -> Bool {
        declared[kind]?[name] != nil || kind.builtIn == name
    }

    /// Checks that every mentioned name is declared. Call this after reading everything.
    func checkMentions() {
        for mention in mentions where !isDeclared(mention.kind, mention.name) {
            let names = declared[mention.kind, default: [:]].keys.sorted()
            let hint = NearestName.hint(mention.name, among: names)
            let noun = mention.kind.rawValue
            error(at: mention.place, "there is no \(noun) \"\(mention.name)\" in \(mention.kind.section)\(hint)")
        }
    }

    private struct Mention {
        let kind: NameKind
        let name: String
        let place: Place
    }
}

/// A place in the text, if an operator wrote one, and in the document's structure.
struct Place: Hashable {
    let position: Position?
    let path: String
}

/// A value with its place, for the rules that concern several sections.
struct Located<Value> {
    let value: Value
    let place: Place
}

/// What the document declares and refers to by name.
enum NameKind: String {
    case provider, model, team, user
    case oidcProvider = "OIDC provider"
    case seedKey = "seeded key"
    case publicID = "public id"

    /// The section that declares it.
    var section: String {
        switch self {
        case .provider: "providers"
        case .model: "models"
        case .team: "teams"
        case .user: "users"
        case .oidcProvider: "auth.oidc"
        case .seedKey, .publicID: "auth.seed_api_keys"
        }
    }

    /// A name that is valid without a declaration.
    var builtIn: String? {
        self == .team ? ReservedNames.team : nil
    }
}
