import GatewayCore

extension MappingReader {
    static let secretForms = "env.NAME (capitals, digits and _), file./path or literal.value"

    /// The secret at `key`, if the key is present. A reference without a value is an error.
    func optionalSecret(_ key: String) -> Secret? {
        guard let found = credential(key) else {
            if !hasValue(key) {
                refuseBlank(key, "a secret as \(Self.secretForms)")
                record(key, .null)
            }
            return nil
        }
        switch found.credential {
        case .value(let secret):
            return secret
        case .missing(let reason):
            error(key, "\(reason); set it, or remove the key")
            return nil
        }
    }

    /// The required secret at `key`, which must have a value.
    func requiredSecret(_ key: String) -> Secret? {
        guard hasValue(key) else {
            missing(key, "a secret as \(Self.secretForms)")
            return nil
        }
        return optionalSecret(key)
    }

    /// The text of the file at `path`, which is the value of `key`. A file that cannot be read is an error.
    func file(_ key: String, at path: String) -> Secret {
        do {
            return try context.secret(.file(path), at: place(of: key).path)
        } catch {
            self.error(key, error.reason)
            return Secret("")
        }
    }

    /// The required provider credential at `key`. A reference without a value is a warning.
    func requiredCredential(_ key: String) -> CredentialReference? {
        guard hasValue(key) else {
            missing(key, "a secret as \(Self.secretForms)")
            return nil
        }
        guard var found = credential(key) else { return nil }
        if case .value(let secret) = found.credential, !HeaderRules.isValue(secret.reveal()) {
            let reason = "the value of \(found.reference.text) has line breaks or control characters"
            found = CredentialReference(reference: found.reference, credential: .missing(reason: reason))
        }
        if case .missing(let reason) = found.credential {
            context.warning(at: place(of: key), "\(reason); the provider's routes are unavailable until that is fixed")
        }
        return found
    }

    /// The secret's reference without resolving it, for a part of the document that is switched off.
    func ignoredSecret(_ key: String) {
        guard let reference = secretReference(key) else { return }
        record(key, .text(reference.text))
    }

    private func credential(_ key: String) -> CredentialReference? {
        guard let reference = secretReference(key) else { return nil }
        record(key, .text(reference.text))
        do {
            let secret = try context.secret(reference, at: place(of: key).path)
            warnAboutOddCharacters(of: secret, reference, in: key)
            return CredentialReference(reference: reference, credential: .value(secret))
        } catch {
            return CredentialReference(reference: reference, credential: .missing(reason: error.reason))
        }
    }

    /// A blank within a credential, or a character that is not seen, has most likely come with copy and paste.
    private func warnAboutOddCharacters(of secret: Secret, _ reference: ValueReference, in key: String) {
        let odd = secret.reveal().unicodeScalars.first { $0.properties.isWhitespace || $0.properties.isInvisible }
        guard let odd else { return }
        let digits = String(odd.value, radix: 16, uppercase: true)
        let code = "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        let kind = odd.properties.isWhitespace ? "a blank" : "an invisible character"
        context.warning(
            at: place(of: key), "the value of \(reference.text) has \(kind) (\(code)) in it, and is used with it")
    }

    private func secretReference(_ key: String) -> ValueReference? {
        guard let node = node(key) else { return nil }
        guard case .scalar(let written) = node.content, let reference = ValueReference(written.text) else {
            error(key, "a secret must not be written in this file; write it as \(Self.secretForms)")
            return nil
        }
        return reference
    }

    private func hasValue(_ key: String) -> Bool {
        node(key) != nil
    }
}
