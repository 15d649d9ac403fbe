namespace P2P.Past;

/// <summary>Shows an owner's account at a broker.</summary>
/// <param name="UsedBytes">How much the owner's files take, in bytes, each as often as it has replicas.</param>
/// <param name="GrantedBytes">How much they may take: what was contributed for the account, times <see cref="BrokerOptions.GrantFraction"/>.</param>
public readonly record struct QuotaAccount(long UsedBytes, long GrantedBytes);
