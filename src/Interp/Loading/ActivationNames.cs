namespace Interp;

using Interp.Extending;

/// <summary>The nonlinearities under the names of configuration files.</summary>
internal static class ActivationNames
{
    private static readonly (string Name, Activation Activation)[] Table =
    [
        ("gelu_new", Activation.GeluTanh),
        ("gelu_pytorch_tanh", Activation.GeluTanh),
        ("gelu_fast", Activation.GeluTanh),
        ("gelu", Activation.Gelu),
        ("relu", Activation.Relu),
        ("silu", Activation.Silu),
        ("swish", Activation.Silu),
        ("solu_ln", Activation.SoluLayerNorm),
    ];

    /// <exception cref="InvalidDataException">The configuration names a nonlinearity that is not known.</exception>
    public static Activation Read(ConfigFile config, string key, string fallback)
    {
        var name = config.OptionalText(key) ?? fallback;
        foreach (var row in Table)
            if (row.Name == name)
                return row.Activation;
        throw config.Error($"'{key}' is '{name}', and known are {string.Join(", ", Table.Select(row => row.Name))}");
    }

    /// <summary>TransformerLens's name.</summary>
    public static string Name(Activation activation) => Array.Find(Table, row => row.Activation == activation).Name;
}
