/// The media types that the gateway answers with.
enum ContentType {
    static let json = "application/json"
    static let eventStream = "text/event-stream; charset=utf-8"
}
