#:project ../src/Interp/Interp.csproj

// The first experiment: which activations make a model answer one way rather than another?
//
//   dotnet run samples/quickstart.cs
//       the bundled model of a small world: of two people, who is given something?
//   dotnet run samples/quickstart.cs -- --model FOLDER
//       a Hugging Face folder; its prompts are --clean "Lily went to the park." --corrupted "Tim went to the park."
//       with the answers --correct " She" --incorrect " He", or what you give
//   --out FOLDER   where the figures go (./out)
using Interp;
using static Interp.Sites;

var options = new Dictionary<string, string>();
for (var i = 0; i < args.Length; i += 2)
    if (i + 1 < args.Length && args[i] is "--model" or "--clean" or "--corrupted" or "--correct" or "--incorrect" or "--out")
        options[args[i]] = args[i + 1];
    else
        return Fail($"Cannot read '{args[i]}': options are --model, --clean, --corrupted, --correct, --incorrect and --out, each with a value.");

try
{
    using var model = Models.Load(options.GetValueOrDefault("--model", "tinyworld"));
    var bundled = !options.ContainsKey("--model");
    // The indirect object (Wang et al. 2023): who does not give receives. In the corrupted prompt the other one gives.
    var clean = options.GetValueOrDefault("--clean", bundled ? "When Mary and John went to the store, John gave the ring to" : "Lily went to the park.");
    var corrupted = options.GetValueOrDefault("--corrupted", bundled ? "When Mary and John went to the store, Mary gave the ring to" : "Tim went to the park.");
    var correct = options.GetValueOrDefault("--correct", bundled ? " Mary" : " She");
    var incorrect = options.GetValueOrDefault("--incorrect", bundled ? " John" : " He");
    Console.WriteLine($"{model}\n");

    // Look: what does the model predict, and at which depth does it know?
    var study = model.Contrast(clean, corrupted, correct, incorrect);
    Predictions("clean", clean);
    Predictions("corrupted", corrupted);
    var (before, after) = (study.CleanMetric()[0], study.CorruptedMetric()[0]);
    Console.WriteLine($"\nlogit difference \"{correct}\" - \"{incorrect}\": clean {before:+0.00;-0.00}, corrupted {after:+0.00;-0.00}\n");

    using var run = model.On(clean).Capture(ResidPre, ResidPost, Pattern).Run();
    using var lens = run.LogitLens();
    Console.WriteLine("Logit lens of the clean prompt: what each layer's residual stream would predict");
    lens.Print();

    // Cause: put one activation of the clean run into the corrupted run. How much of the answer comes back?
    var stream = study.Patch(ResidPre.ByPosition());
    var heads = study.Patch(Z.ByHead());
    Strongest("residual stream before a layer, by position", stream);
    Strongest("attention heads", heads);

    // Show.
    var folder = Folder(options.GetValueOrDefault("--out", "out"));
    var top = heads.Top(1)[0];
    Save(stream.Heatmap($"Residual stream patched: what brings \"{correct.Trim()}\" back"), "patching-residual.html");
    Save(heads.Heatmap($"Attention heads patched: what brings \"{correct.Trim()}\" back"), "patching-heads.html");
    Save(lens.Figure(), "logit-lens.html");
    Save(run.Attention(top.Indices[0], title: $"Attention in layer {top.Indices[0]} (head {top.Indices[1]} matters most)"), "attention.html");
    return 0;

    void Predictions(string name, string prompt)
    {
        using var short_ = model.On(prompt).Capture(ResidPost[^1].At(Position.Last)).Run();
        using var last = short_.LogitLens();
        var best = last.Top(3)[^1, ^1].Top.Select(t => $"\"{t.Token}\" {t.Probability:p1}");
        Console.WriteLine($"{name,-9} {prompt}\n{"",-9} -> {string.Join(", ", best)}");
    }

    void Strongest(string what, PatchResult sweep)
    {
        Console.WriteLine($"\nStrongest of the {what} (share of the logit difference that comes back):");
        foreach (var unit in sweep.Normalised.Top(5))
            Console.WriteLine($"  {string.Join(", ", sweep.Patched.Axes.Zip(unit.Labels, (axis, label) => $"{axis.Name} {label}")),-36} {unit.Value,7:p0}");
    }

    void Save(Figure figure, string file)
    {
        var path = Path.Combine(folder, file);
        figure.Save(path);
        Console.WriteLine(file == "patching-residual.html" ? $"\nFigures:\n  {path}" : $"  {path}");
    }
}
catch (Exception error) when (error is ArgumentException or IOException or InvalidDataException or InvalidOperationException)
{
    return Fail(error.Message);
}

static string Folder(string wanted)
{
    try
    {
        return Directory.CreateDirectory(wanted).FullName;
    }
    catch (Exception error) when (error is IOException or UnauthorizedAccessException)
    {
        return Directory.CreateTempSubdirectory("interp-").FullName;
    }
}

static int Fail(string message)
{
    Console.Error.WriteLine(message);
    return 2;
}
