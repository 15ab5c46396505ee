/// The media types of the gateway's answers.
enum ContentType {
    static let json = "application/json"
    static let eventStream = "text/event-stream; charset=utf-8"
}
