public import Store

extension KeyStore: KeySource {}
