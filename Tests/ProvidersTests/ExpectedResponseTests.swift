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
            ["content-type": "application/json", "content-encoding": "Identity"], ["content-type": "text/plain"],
            ["content-type": "text/event-stream"], ["content-type": "application/octet-stream"],
        ] as [HTTPHeaders])
    func `A body that is not compressed may be one, whatever its type says`(headers: HTTPHeaders) {
        #expect(ExpectedResponse.uncompressed.validate(head(.ok, headers)) == nil)
    }

    @Test(
        arguments: [
            (.noContent, [:], "its answer has the status 204"),
            (
                .ok, ["content-type": "application/json", "content-encoding": "gzip"],
                "its answer is encoded as gzip, which was not asked for"
            ),
        ] as [(HTTPResponseStatus, HTTPHeaders, String)])
    func `Anything else is not`(status: HTTPResponseStatus, headers: HTTPHeaders, reason: String) {
        #expect(ExpectedResponse.uncompressed.validate(head(status, headers)) == reason)
    }
}
