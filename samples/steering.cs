#:project ../src/Interp/Interp.csproj
#:package Spectre.Console

// Steering: a direction read from names' activations turns She into He.
//
//   dotnet run samples/steering.cs
//       the story model beside the checkout (../shared/models/stories260K); where it is absent the sample says so and ends
//   dotnet run samples/steering.cs -- --model FOLDER --stories FILE --out FOLDER
//       the same model elsewhere; a JSON list of stories for the side effects; where the figures go (./out)
using System.Globalization;
using System.Text.Json;
using Interp;
using Spectre.Console;
using static Interp.Sites;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var options = new Dictionary<string, string>();
for (var i = 0; i + 1 < args.Length; i += 2)
    options[args[i]] = args[i + 1];
var folder = options.GetValueOrDefault("--model", "../shared/models/stories260K");
var storyFile = options.GetValueOrDefault("--stories", "../shared/data/tinystories_1000/tinystories_1000.json");
if (!Directory.Exists(folder))
{
    Console.WriteLine($"This sample steers stories260K, a story model of 260,032 parameters (karpathy/tinyllamas), as a Hugging Face folder. It is optional data beside the checkout, and there is none at '{folder}': give it with --model FOLDER.");
    return options.ContainsKey("--model") ? 2 : 0;
}

using var model = Models.Load(folder);
Console.WriteLine($"{model}\n");
string[] her = ["Lily", "Mia", "Sara", "Sue", "Lisa", "Amy", "Mary"], his = ["Tim", "Max", "Bob", "Leo", "Spot", "Timmy", "Sam"];
string[] beginnings = [" went to the park.", " was very happy.", " saw a big dog.", " had a red ball."];
var metric = Metric.LogitDifference(model.SingleToken(" She"), model.SingleToken(" He"));
var atName = Position.Role("name");

// 1. A direction for each layer: her names' residual stream minus his names', at the name.
var (hers, boys) = (model.On(Named(her, beginnings)), model.On(Named(his, beginnings)));
var byLayer = hers.MeanDifference(boys, ResidPost.At(atName));
// And a second opinion: the weights of a linear probe that tells her names from his.
var labels = her.Concat(his).SelectMany(name => beginnings.Select(_ => her.Contains(name))).ToArray();
var probes = model.On(Named([.. her, .. his], beginnings)).Probe(ResidPost.At(atName), labels).Pool(Pooling.Mean).WithoutControls().Logistic();

// 2. Does it do anything? Names and beginnings that it was not fitted on.
var (newHer, newHis) = (model.On(Named(["Lucy", "Jane", "Anna", "Emma"], [" found a new toy.", " went to school."])),
    model.On(Named(["Jack", "John", "Ben", "Tom"], [" found a new toy.", " went to school."])));
var table = new Table().Title("She - He after names that the direction was not fitted on, at the name alone").Border(TableBorder.Minimal);
foreach (var heading in new[] { "layer", "norm", "her, plain", "her - 2 x", "random", "probe", "his, plain", "his + 2 x" })
    table.AddColumn(new TableColumn(heading).RightAligned());
for (var layer = 0; layer < byLayer.Count; layer++)
{
    var (vector, unit) = (byLayer[layer], ResidPost[layer].At(atName));
    var probe = probes[layer].Probe.ToSteeringVector().WithNorm(vector.Norm);
    table.AddRow($"{layer}", $"{vector.Norm:f2}", $"{Mean(newHer):+0.00;-0.00}", $"{Mean(newHer.Add(unit, vector, -2)):+0.00;-0.00}",
        $"{Mean(newHer.Add(unit, vector.Random(0), -2)):+0.00;-0.00}",
        $"{Mean(newHer.Add(unit, probe, -2)):+0.00;-0.00}", $"{Mean(newHis):+0.00;-0.00}", $"{Mean(newHis.Add(unit, vector, 2)):+0.00;-0.00}");
}
AnsiConsole.Write(table);

// 3. How much of it? At every position, against random directions of the same length.
var gender = byLayer[2];
double[] strengths = [-1.5, -1.25, -1, -0.75, -0.5, -0.25, 0, 0.25, 0.5];
var response = newHer.DoseResponse(gender, metric, strengths);
Console.WriteLine($"\nLayer 2, added at every position. {response}\n");
response.Print();
List<Figure> figures = [response.Figure("She - He after her names, against the strength of steering")];

// 4. What else changes? Stories that the direction is not about.
if (File.Exists(storyFile))
{
    var stories = JsonSerializer.Deserialize<string[]>(File.ReadAllText(storyFile))!.Skip(100).Take(24);
    var unrelated = model.On(RunInput.Of(stories.Select(story => (IReadOnlyList<int>)[.. model.Tokens(story, Bos.Always).Take(80)])));
    foreach (var (name, vector) in new[] { ("the direction", gender), ("a random one ", gender.Random(0)) })
        Console.WriteLine($"\n24 other stories, {name} x -1: {unrelated.SideEffect(plan => plan.Add(vector, -1))}");
    figures.Add(unrelated.SideEffects(gender, strengths, new DoseResponseOptions { Controls = 8 }).Figure("Side effect: KL on other stories, against the strength of steering"));
}
else
    Console.WriteLine($"\nNo stories at '{storyFile}': side effects are left out (--stories FILE, a JSON list of texts).");

// 5. Stories, token by token as they are written: steered at the prompt's name, and not at all.
var begin = Named(["Lucy"], [" found a new toy."]);
await Tell("plain", model.On(begin));
await Tell("steered at the name", model.On(begin).Add(ResidPost[2].At(atName), gender, -2));
await Tell("steered while writing only", model.On(begin).Add(ResidPost[2].At(Position.Generated), gender, -1));

var path = Path.Combine(Directory.CreateDirectory(options.GetValueOrDefault("--out", "out")).FullName, "steering.html");
Figure.Page("Steering along the direction of gender", figures).Save(path);
Console.WriteLine($"\nFigures: {path}");
return 0;

Prompt[] Named(string[] names, string[] rest) => [.. from name in names from text in rest select Prompt.Parse($"{{name:{name}}}{text}")];

double Mean(RunPlan plan)
{
    using var values = plan.Measure(metric);
    return TorchSharp.TensorExtensionMethods.ToDouble(values.mean());
}

async Task Tell(string how, RunPlan plan)
{
    Console.Write($"\n{how,-27}{begin[0]}");
    await foreach (var token in plan.GenerateStream(new GenerationOptions { Tokens = 45 }))
        Console.Write(token.Text);
    Console.WriteLine();
}
