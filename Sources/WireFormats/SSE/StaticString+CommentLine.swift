extension StaticString {
    /// A comment of an event stream (WHATWG HTML, section 9.2.7), as the first line of the next event.
    ///
    /// Without a blank line: openai-python makes an event without data of each blank line once the stream has had an
    /// `id`, and raises when it parses the data.
    static let commentLine: StaticString = ": keep-alive\n"
}
