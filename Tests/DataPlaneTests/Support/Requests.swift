/// Requests in their wire format.
enum Requests {
    static func get(_ path: String, method: String = "GET", key: String? = TestKey.good) -> String {
        head("\(method) \(path)", key: key) + "\r\n"
    }

    static func chat(
        _ model: String = "m", stream: Bool = false, key: String? = TestKey.good, headers: [String] = []
    ) -> String {
        post(chatBody(model, stream: stream), key: key, headers: headers)
    }

    static func chatBody(_ model: String, stream: Bool = false, more: String = "") -> String {
        #"{"model":"\#(model)","stream":\#(stream),"messages":[{"role":"user","content":"hi"}]\#(more)}"#
    }

    static func post(
        _ body: String, path: String = "/v1/chat/completions", key: String? = TestKey.good,
        headers: [String] = [], contentType: String = "application/json"
    ) -> String {
        head(
            "POST \(path)", key: key,
            headers: ["content-type: \(contentType)", "content-length: \(body.utf8.count)"] + headers)
            + "\r\n" + body
    }

    /// A request line and headers, without the empty line.
    static func head(_ start: String, key: String? = TestKey.good, headers: [String] = []) -> String {
        let authorization = key.map { ["authorization: Bearer \($0)"] } ?? []
        let lines = ["\(start) HTTP/1.1", "host: gateway.test"] + authorization + headers
        return lines.joined(separator: "\r\n") + "\r\n"
    }
}
