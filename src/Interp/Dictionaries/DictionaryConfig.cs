namespace Interp;

using System.Collections.Immutable;
using System.Globalization;

/// <summary>What a sparse dictionary is, without its weights.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed record DictionaryConfig
{
    /// <summary>Width of what it reads.</summary>
    public required int DIn { get; init; }

    /// <summary>Width of what it writes; that of what it reads where nothing is said.</summary>
    public int DOut { get => field == 0 ? DIn : field; init; }

    /// <summary>Number of latents.</summary>
    public required int Width { get; init; }

    /// <summary>How latents arise from pre-activations.</summary>
    public required LatentActivation Activation { get; init; }

    /// <summary>Whether the decoder bias is subtracted from the input.</summary>
    public bool CentreInput { get; init; } = true;

    /// <summary>Whether pre-activations are multiplied by their decoder row's length, and latents divided by it before decoding.</summary>
    public bool RescaleByDecoderNorm { get; init; }

    /// <summary>Widths of the dictionaries nested in this one (Matryoshka), ascending, without its own; empty where none was trained.</summary>
    /// <remarks>The first so many latents are a dictionary by themselves. Training sets it from <see cref="DictionaryTrainingOptions.Nesting"/>.</remarks>
    public ImmutableArray<int> Nesting { get; init; } = [];

    /// <summary>What is done to each row before encoding.</summary>
    public InputNormalisation Normalisation { get; init; }

    /// <summary>The hook point it reads; null where nothing is known.</summary>
    public HookName? Input { get; init; }

    /// <summary>The hook point whose values it gives back: <see cref="Input"/> for an autoencoder, another for a transcoder.</summary>
    public HookName? Output { get => field ?? Input; init; }

    /// <summary>The model it was trained on; null where nothing is known.</summary>
    public string? ModelName { get; init; }

    /// <summary>The <see cref="FingerprintExtensions.Fingerprint"/> of that model; null where it is not known, and then nothing is checked.</summary>
    public string? ModelFingerprint { get; init; }

    /// <summary>Equal in every value, be it said or a default.</summary>
    public bool Equals(DictionaryConfig? other) => other is not null && Values() == other.Values();

    /// <inheritdoc/>
    public override int GetHashCode() => Values().GetHashCode();

    /// <summary>Checks that the description holds together.</summary>
    /// <exception cref="ArgumentException">It does not; the message names every violation.</exception>
    public DictionaryConfig Validated()
    {
        List<string> problems = [];
        if (DIn < 1 || DOut < 1 || Width < 1)
            problems.Add(string.Create(CultureInfo.InvariantCulture, $"widths must be at least 1, not {DIn} -> {Width} -> {DOut}"));
        var k = Activation switch { TopKLatents top => top.K, BatchTopKLatents batch => batch.K, _ => 1 };
        if (!(k > 0) || k > Width)
            problems.Add(string.Create(CultureInfo.InvariantCulture, $"k = {k} must be over 0 and at most the width {Width}"));
        if (CentreInput && DIn != DOut)
            problems.Add($"the decoder bias [{DOut}] cannot be subtracted from an input [{DIn}]: set CentreInput to false");
        if (!Nesting.IsEmpty && !Ascend(Nesting, Width))
            problems.Add($"nested widths [{string.Join(", ", Nesting)}] must ascend from at least 1 and stay below the width {Width}");
        return problems.Count == 0 ? this : throw new ArgumentException($"The dictionary's description does not hold together: {string.Join("; ", problems)}.");
    }

    /// <summary>Kind, widths and place.</summary>
    public override string ToString() => $"{Activation} dictionary {DIn} -> {Width} -> {DOut}{(Input is { } input ? $" at {input}" : "")}";

    /// <summary>Whether widths ascend from at least 1 to below the whole one.</summary>
    internal static bool Ascend(ImmutableArray<int> widths, int whole) => widths.Append(whole).Zip(widths.Prepend(0)).All(pair => pair.First > pair.Second);

    private ((int, int, int, string) Widths, LatentActivation, (bool, bool, InputNormalisation), (HookName?, HookName?, string?, string?)) Values() =>
        ((DIn, DOut, Width, string.Join(',', Nesting)), Activation, (CentreInput, RescaleByDecoderNorm, Normalisation), (Input, Output, ModelName, ModelFingerprint));
}
