import GatewayCore
import Testing

@Suite struct CapabilitySetTests {
    @Test func everyCapabilityHasABitOfItsOwn() {
        let bits = Capability.allCases.map { CapabilitySet($0).rawValue }
        #expect(bits.allSatisfy { $0.nonzeroBitCount == 1 })
        #expect(Set(bits).count == Capability.allCases.count)
        #expect(CapabilitySet.all.rawValue == bits.reduce(0, |))
    }

    @Test(arguments: Capability.allCases) func namesItsMembers(capability: Capability) {
        #expect(CapabilitySet(capability).members == [capability])
        #expect(!CapabilitySet.all.subtracting(CapabilitySet(capability)).members.contains(capability))
    }

    @Test func membersComeInTheirDeclaredOrder() {
        let set: CapabilitySet = [.developerRole, .stream, .chatCompletions]
        #expect(set.members == [.chatCompletions, .stream, .developerRole])
        #expect(CapabilitySet.all.members == Capability.allCases)
        #expect(CapabilitySet([]).members.isEmpty)
    }

    /// The names of `gateway.yaml` and of errors (docs/api.md).
    @Test func hasTheDocumentedNames() {
        #expect(
            Set(Capability.allCases.map(\.rawValue)) == [
                "chat_completions", "responses", "embeddings", "stream", "tools", "vision", "audio", "files",
                "json_schema",
                "developer_role",
            ])
    }
}
