namespace Interp;

using System.Globalization;
using System.Text.RegularExpressions;

/// <content>Models of the hub, and series of checkpoints.</content>
public static partial class Models
{
    /// <summary>Loads a model of the Hugging Face hub at a revision, fetched first where it has not been yet (<see cref="Hub"/>).</summary>
    /// <param name="repository">The repository, <c>owner/name</c>.</param>
    /// <param name="revision">A branch, a tag or a commit, such as <c>main</c> or Pythia's <c>step1000</c>.</param>
    /// <param name="options">Type, device, tokenizer, processing, hub; null for the defaults.</param>
    /// <param name="cancellation">Ends the download; what has arrived is kept and used next time.</param>
    /// <returns>The model, which the caller disposes.</returns>
    /// <exception cref="FileNotFoundException">There is no such revision, or it has no model that is read here; offline, it has not been downloaded.</exception>
    /// <exception cref="UnauthorizedAccessException">The repository does not exist or is not open to this token.</exception>
    /// <exception cref="HttpRequestException">The server cannot be reached or fails again and again.</exception>
    /// <exception cref="InvalidDataException">The architecture is not known, or a file is damaged or does not fit the others.</exception>
    public static HookedTransformer Load(string repository, string revision, LoadOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new LoadOptions();
        using var hub = new Hub(options.Hub);
        var folder = hub.Model(repository, revision, options.AllowPickle, cancellation);
        return LoadFolder(folder, repository[(repository.IndexOf('/', StringComparison.Ordinal) + 1)..], options);
    }

    /// <summary>The checkpoints of one training: the numbered branches and tags of a repository (Pythia's <c>step0</c> to <c>step143000</c>), or the numbered folders in a folder.</summary>
    /// <param name="path">A folder of folders like <c>checkpoint-500</c>, or a repository <c>owner/name</c>, whose branches are asked for now.</param>
    /// <param name="options">How each is loaded; null for the defaults.</param>
    /// <exception cref="FileNotFoundException">There is no such folder, or nothing in it is numbered.</exception>
    /// <exception cref="HttpRequestException">The server cannot be reached or fails again and again.</exception>
    public static CheckpointSeries Series(string path, LoadOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new LoadOptions();
        if (Directory.Exists(path))
            return new CheckpointSeries(path, Numbered(path, Directory.GetDirectories(path).Select(folder => Path.GetFileName(folder)))
                .Select(point => new SeriesCheckpoint(point.Name, point.Step, () => Load(Path.Combine(path, point.Name), options))));
        if (!HubNames.IsRepository(path))
            throw new FileNotFoundException($"There is no folder '{path}', and it names no repository (owner/name) either.", path);
        using var hub = new Hub(options.Hub);
        return Series(path, Numbered(path, hub.Revisions(path)).Select(point => point.Name), options);
    }

    /// <summary>Chosen revisions of a repository, in the order given.</summary>
    /// <param name="repository">The repository, <c>owner/name</c>.</param>
    /// <param name="revisions">Branches, tags or commits; a number at a name's end is its step.</param>
    /// <param name="options">How each is loaded; null for the defaults.</param>
    /// <exception cref="ArgumentException">A name is none, or there are none.</exception>
    public static CheckpointSeries Series(string repository, IEnumerable<string> revisions, LoadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(revisions);
        HubNames.CheckRepository(repository);
        return new CheckpointSeries(repository, revisions.Select(revision => new SeriesCheckpoint(revision, Step(revision), () => Load(repository, revision, options))));
    }

    private static bool IsRepository(string path) => path.Contains('/') && HubNames.IsRepository(path);

    private static (string Name, long Step)[] Numbered(string path, IEnumerable<string> names)
    {
        var numbered = names.Select(name => (Name: name, Step: Step(name))).Where(point => point.Step is not null).Select(point => (point.Name, point.Step!.Value)).OrderBy(point => point.Value).ToArray();
        return numbered.Length > 0 ? numbered : throw new FileNotFoundException($"'{path}' has no checkpoints whose names end in a number, like step1000 or checkpoint-500: give their names.", path);
    }

    private static long? Step(string name) =>
        StepNumber().Match(name) is { Success: true } match && long.TryParse(match.Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var step) ? step : null;

    [GeneratedRegex(@"(?:\A|[A-Za-z_/-])(\d{1,18})\z", RegexOptions.CultureInvariant)]
    private static partial Regex StepNumber();
}
