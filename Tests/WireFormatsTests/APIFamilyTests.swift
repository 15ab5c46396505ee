import GatewayCore
import NIOCore
import Testing
import WireFormats

/// The rules for every family, including new ones.
@Suite struct APIFamilyTests {
    private func request(_ operation: APIOperation, stream: Bool = false) throws -> APIRequest {
        try operation.family.scan(minimalRequest(operation, model: "m", stream: stream, wantsUsage: false))
    }

    @Test(arguments: APIOperation.allCases)
    func `A family scans requests of its own operation`(operation: APIOperation) throws {
        let request = try request(operation)
        #expect(request.operation == operation)
        #expect(request.facts.model == "m")
        #expect(request.facts.required == [operation.capability])
    }

    @Test func `Every family has a path of its own`() {
        #expect(Set(APIOperation.allCases.map { $0.family.path }).count == APIOperation.allCases.count)
    }

    /// Three words are what an existential stores inline; more is an allocation in every request.
    @Test(arguments: APIOperation.allCases)
    func `What a family notes of a request is stored without an allocation`(operation: APIOperation) throws {
        func size<Value>(of value: Value) -> Int { MemoryLayout<Value>.size }
        #expect(size(of: try request(operation).family) <= 3 * MemoryLayout<Int>.size)
    }

    @Test(arguments: APIOperation.allCases)
    func `Only a stream has a last event`(operation: APIOperation) throws {
        let error = GatewayError(.upstreamError, "No.", source: .upstream)
        #expect(try request(operation).makeRelay().lastEvent(error, requestID: "r") == nil)
        guard operation != .embeddings else { return }
        let event = try request(operation, stream: true).makeRelay().lastEvent(error, requestID: "r")
        #expect(event == operation.family.errorEvent(error, requestID: "r", sequenceNumber: 0))
    }
}
