import GatewayCore
import Testing

@Suite struct CapabilitySetTests {
    @Test func `Every capability has a bit of its own`() {
        let sets = Capability.allCases.map { CapabilitySet([$0]) }
        #expect(sets.allSatisfy { !$0.isEmpty })
        #expect(Set(sets).count == Capability.allCases.count)
        #expect(CapabilitySet.all == sets.reduce([]) { $0.union($1) })
    }

    @Test func `Combines sets`() {
        let set: CapabilitySet = [.stream, .tools]
        #expect(set.contains(.stream) && !set.contains(.vision))
        #expect(set.union([.vision]) == [.vision, .tools, .stream])
        #expect(set.intersection([.vision, .tools]) == [.tools])
        #expect(set.subtracting([.vision, .tools]) == [.stream])
        #expect(set.subtracting(.all).isEmpty && !set.isEmpty)
        var inserted = set
        inserted.insert(.vision)
        inserted.insert(.vision)
        #expect(inserted == [.stream, .tools, .vision])
    }

    @Test(arguments: Capability.allCases) func `Names its members`(capability: Capability) {
        #expect(CapabilitySet([capability]).members == [capability])
        #expect(!CapabilitySet.all.subtracting(CapabilitySet([capability])).members.contains(capability))
    }

    @Test func `Members come in their declared order`() {
        let set: CapabilitySet = [.developerRole, .stream, .chatCompletions]
        #expect(set.members == [.chatCompletions, .stream, .developerRole])
        #expect(CapabilitySet.all.members == Capability.allCases)
        #expect(CapabilitySet([]).members.isEmpty)
    }

    /// The names of `gateway.yaml` and of errors (docs/api.md).
    @Test func `Has the documented names`() {
        #expect(
            Set(Capability.allCases.map(\.rawValue)) == [
                "chat_completions", "responses", "embeddings", "stream", "tools", "vision", "audio", "files",
                "json_schema",
                "developer_role",
            ])
    }
}
