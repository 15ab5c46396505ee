import NIOHTTP1
import Providers
import Testing

/// Which heads of a 2xx begin an answer.
@Suite struct ExpectedResponseTests {
    private func head(_ status: HTTPResponseStatus, _ headers: HTTPHeaders) -> HTTPResponseHead {
        HTTPResponseHead(version: .http1_1, status: status, headers: headers)
    }

    @Test(
        arguments: [
            ["content-type": "application/json"], ["content-type": "Application/JSON; charset=utf-8"], [:],
            ["content-type": "application/json", "content-encoding": "Identity"],
        ] as [HTTPHeaders])
    func `A plain document is one`(headers: HTTPHeaders) {
        #expect(ExpectedResponse.json.validate(head(.ok, headers)) == nil)
    }

    @Test(
        arguments: [
            (.ok, ["content-type": "text/html"], "its answer is text/html instead of application/json"),
            (
                .ok, ["content-type": "text/event-stream"],
                "its answer is text/event-stream instead of application/json"
            ),
            (.noContent, [:], "its answer has the status 204"),
            (
                .ok, ["content-type": "application/json", "content-encoding": "gzip"],
                "its answer is encoded as gzip, which was not asked for"
            ),
        ] as [(HTTPResponseStatus, HTTPHeaders, String)])
    func `Anything else is not`(status: HTTPResponseStatus, headers: HTTPHeaders, reason: String) {
        #expect(ExpectedResponse.json.validate(head(status, headers)) == reason)
    }

    @Test func `A stream is expected where one was asked for`() {
        #expect(ExpectedResponse.eventStream.validate(head(.ok, ["content-type": "text/event-stream"])) == nil)
        #expect(ExpectedResponse.eventStream.validate(head(.ok, ["content-type": "application/json"])) != nil)
    }
}
