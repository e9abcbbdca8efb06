namespace Interp;

/// <summary>One checkpoint of a series.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class SeriesCheckpoint
{
    private readonly Func<HookedTransformer> load;

    internal SeriesCheckpoint(string name, long? step, Func<HookedTransformer> load)
    {
        (Name, Step) = (name, step);
        this.load = load;
    }

    /// <summary>The revision's or the folder's name.</summary>
    public string Name { get; }

    /// <summary>The number at the name's end; null where there is none.</summary>
    public long? Step { get; }

    /// <summary>Loads it, and fetches it first where it is of the hub and has not been fetched.</summary>
    /// <returns>The model, which the caller disposes.</returns>
    /// <exception cref="FileNotFoundException">It is not there.</exception>
    /// <exception cref="InvalidDataException">A file is damaged or does not fit the others.</exception>
    public HookedTransformer Load() => load();

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
