import GatewayCore
import NIOCore

/// One pass over a request's body. Invalid JSON is reported at once; other errors only after the whole body has proved
/// to be JSON.
///
/// It reads the members that all families have; each family reads its own.
protocol RequestScan {
    /// The members by which the gateway decides.
    static var inspectedFields: [StaticString] { get }

    var scanner: JSONScanner { get set }
    var problem: GatewayError? { get set }
    var model: JSONString? { get set }
    var stream: Bool { get set }
    var required: CapabilitySet { get set }
    var stateField: String? { get set }
    var routingFields: [RoutingField] { get set }
    var bounds: UsageBounds { get set }

    /// Members that name an object stored by the provider, in lower case.
    static var references: [StaticString] { get }

    init(_ bytes: Bytes)

    /// Reads the body.
    mutating func run() throws(GatewayError) -> APIRequest

    /// Reads the value of a member; returns false, without reading, if the family does not need it.
    mutating func readMember(_ key: JSONString) throws(JSONSyntaxError) -> Bool
}

extension RequestScan {
    /// The request in `body`; errors as `APIFamily.scan`.
    static func scan(_ body: ByteBuffer) throws(GatewayError) -> APIRequest {
        let outcome = body.withBytes { bytes in
            do throws(GatewayError) {
                var scan = Self(bytes)
                return Result<APIRequest, GatewayError>.success(try scan.run())
            } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }

    /// Reads the body. Returns the end of the last member of the top-level object.
    mutating func readBody() throws(GatewayError) -> Int {
        let memberEnd: Int
        do throws(JSONSyntaxError) {
            memberEnd = try readDocument()
        } catch {
            throw .client(.invalidJSON, "The request body is not valid JSON: \(error.sentence).")
        }
        if let problem { throw problem }
        return memberEnd
    }

    /// The model; throws if it is absent.
    func requiredModel() throws(GatewayError) -> JSONString {
        guard let model else { throw .client(.invalidRequest, "The field `model` is required.", param: "model") }
        return model
    }

    /// The facts, after the whole body has been read.
    func facts(model: JSONString, previousResponseID: String? = nil, wantsStore: Bool = false) -> RequestFacts {
        RequestFacts(
            model: scanner.text(model), stream: stream, required: stream ? required.union([.stream]) : required,
            stateField: stateField, previousResponseID: previousResponseID, wantsStore: wantsStore,
            routingFields: routingFields, bounds: bounds, modelSpan: model.span)
    }

    private mutating func readDocument() throws(JSONSyntaxError) -> Int {
        try scanner.beginDocument()
        var memberEnd = 0
        if try scanner.peek() == Byte.openBrace {
            var keys = SeenKeys()
            try scanner.enterObject()
            while let key = try scanner.nextKey() {
                recordKey(key, in: &keys, of: "the request body")
                try readAnyMember(key)
                memberEnd = scanner.position
            }
        } else {
            _ = try scanner.value()
            report(nil, "The request body must be a JSON object.")
        }
        try scanner.finish()
        return memberEnd
    }

    private mutating func readAnyMember(_ key: JSONString) throws(JSONSyntaxError) {
        if scanner.isEqual(key, "model") {
            try readModel()
        } else if scanner.isEqual(key, "stream") {
            stream = try readFlag("stream")
        } else if try !readMember(key) {
            refuseOtherCase(key)
            let first = try scanner.peek()
            let hasContents = try readReference(key).hasContents
            // A number or a boolean names no model.
            if hasContents, first == Byte.quote || first == Byte.openBrace || first == Byte.openBracket {
                recordRoutingField(key)
            }
        }
    }

    /// Some upstreams match keys in any case (those written with Go's encoding/json do), and would read `Model` where
    /// this gateway has checked `model`.
    private mutating func refuseOtherCase(_ key: JSONString) {
        for name in Self.inspectedFields where scanner.isEqualIgnoringCase(key, name) {
            report(scanner.text(key, limit: 128), "The field `\(name)` must be written in lower case.")
        }
    }

    /// In any case, for the same reason.
    private mutating func recordRoutingField(_ key: JSONString) {
        guard let field = RoutingFieldNames.field(key, in: scanner) else { return }
        routingFields.append(field)
    }

    private mutating func readModel() throws(JSONSyntaxError) {
        guard try scanner.peek() == Byte.quote else {
            _ = try scanner.value()
            return report("model", "The field `model` must be a string.")
        }
        let string = try scanner.string()
        if string.contents.isEmpty { report("model", "The field `model` must not be empty.") }
        // In bytes, escapes included: far more than any configured name, and short enough for an error message.
        if string.contents.count > 1536 { report("model", "The field `model` is too long.") }
        model = string
    }

    /// A boolean, or null for false.
    mutating func readFlag(_ name: StaticString) throws(JSONSyntaxError) -> Bool {
        let value = try scanner.value()
        if value.kind != .bool, value.kind != .null { report("\(name)", "The field `\(name)` must be a boolean.") }
        return scanner.isTrue(value)
    }

    /// Keeps the first problem.
    mutating func report(_ param: String?, _ message: String, code: ErrorCode = .invalidRequest) {
        if problem == nil { problem = .client(code, message, param: param) }
    }

    /// Reports a duplicate key, and too many keys: they are kept for comparison.
    mutating func recordKey(_ key: JSONString, in keys: inout SeenKeys, of place: String) {
        // The request is refused in any case.
        guard problem == nil else { return }
        guard keys.count < SeenKeys.limit else {
            return report(nil, "There are more than \(SeenKeys.limit) keys in \(place).")
        }
        guard !keys.insert(key, of: scanner.bytes) else { return }
        let name = scanner.text(key, limit: 128)
        let message = "The key `\(name)` occurs twice in \(place), at byte offset \(key.span.lowerBound)."
        problem = .client(.invalidJSON, message, param: name)
    }

    // MARK: Shared by several families

    /// Keeps the first field that refers to an object stored by the provider.
    mutating func recordState(_ field: String) {
        if stateField == nil { stateField = field }
    }

    /// Reads the format of the response; a JSON schema is a required capability.
    mutating func readFormat() throws(JSONSyntaxError) {
        guard try scanner.peek() == Byte.openBrace else {
            _ = try scanner.value()
            return
        }
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            if scanner.isEqual(key, "type"), try scanner.peek() == Byte.quote {
                if scanner.isEqual(try scanner.string(), "json_schema") { required.insert(.jsonSchema) }
            } else {
                _ = try scanner.value()
            }
        }
    }

    /// Whether the current value is a list that is not empty.
    mutating func readIsNonEmptyList() throws(JSONSyntaxError) -> Bool {
        let value = try scanner.value()
        return value.kind == .array && !value.isEmpty
    }

    /// Calls `read` for each object of the current list, with the brace not consumed. Of a list within it, which no
    /// family has, only what it refers to is read.
    /// - Returns: whether the list has any element.
    @discardableResult
    mutating func forEachObject(_ read: (inout Self) throws(JSONSyntaxError) -> Void) throws(JSONSyntaxError) -> Bool {
        var hasElements = false
        try scanner.enterArray()
        while try scanner.nextElement() {
            hasElements = true
            switch try scanner.peek() {
            case Byte.openBrace: try read(&self)
            case Byte.openBracket: try readNestedReferences()
            default: _ = try scanner.value()
            }
        }
        return hasElements
    }
}
