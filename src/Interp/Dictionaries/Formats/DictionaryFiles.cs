namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Dictionaries on disk, in the layouts of three libraries.</summary>
/// <remarks>
/// Weights keep their data type, bit for bit, in both directions. What a layout has no place for (hook points, the model's fingerprint,
/// whether activations are normalised) stands under further keys of its configuration, which its library passes over. A kind of dictionary
/// that a layout does not know is refused, not approximated.
/// </remarks>
public static class DictionaryFiles
{
    /// <summary>Saves a dictionary.</summary>
    /// <remarks>
    /// SAELens: a BatchTopK dictionary is stored with its threshold as <c>topk_threshold</c>, as SAELens's training class has it;
    /// <see cref="SparseDictionary.ForInference"/> first makes the JumpReLU dictionary that SAELens loads; transcoders are ReLU and JumpReLU
    /// ones, and one that centres its input is read by Interp alone. dictionary_learning: latents of gated and JumpReLU dictionaries are there
    /// ours times the length of their directions, outputs are equal. Widths of nested dictionaries (Matryoshka) stand where the library has them
    /// (<c>matryoshka_widths</c> of SAELens's BatchTopK class, <c>group_sizes</c> of dictionary_learning's), else beside the hook points.
    /// </remarks>
    /// <param name="dictionary">The dictionary.</param>
    /// <param name="folder">The folder; it is made where it is absent, and files in it are replaced once the new ones are complete.</param>
    /// <param name="layout">Whose layout.</param>
    /// <exception cref="ArgumentException">The dictionary is not of a kind that the layout knows.</exception>
    public static void Save(this SparseDictionary dictionary, string folder, DictionaryLayout layout = DictionaryLayout.SaeLens)
    {
        ArgumentNullException.ThrowIfNull(dictionary);
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        switch (layout)
        {
            case DictionaryLayout.Sparsify:
                SparsifyFiles.Save(dictionary, folder);
                break;
            case DictionaryLayout.DictionaryLearning:
                DictionaryLearningFiles.Save(dictionary, folder);
                break;
            default:
                SaeLensFiles.Save(dictionary, folder);
                break;
        }
    }

    /// <summary>Loads a dictionary; which layout a folder has is seen from its files.</summary>
    /// <param name="folder">The folder with the configuration and the weights.</param>
    /// <param name="dtype">Data type; null for the stored one.</param>
    /// <param name="device">Device; null for the CPU.</param>
    /// <returns>The dictionary, which the caller disposes.</returns>
    /// <exception cref="FileNotFoundException">A file is absent.</exception>
    /// <exception cref="InvalidDataException">A file is cut short, contradicts itself, or is of a kind that is not known.</exception>
    public static SparseDictionary Load(string folder, ScalarType? dtype = null, Device? device = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        return Layout(folder) switch
        {
            DictionaryLayout.Sparsify => SparsifyFiles.Load(folder, dtype, device),
            DictionaryLayout.DictionaryLearning => DictionaryLearningFiles.Load(folder, dtype, device),
            _ => SaeLensFiles.Load(folder, dtype, device),
        };
    }

    /// <summary>Puts a configuration in place whole or not at all.</summary>
    internal static void WriteText(string path, string text)
    {
        var temporary = path + ".new";
        File.WriteAllText(temporary, text);
        File.Move(temporary, path, overwrite: true);
    }

    private static DictionaryLayout Layout(string folder)
    {
        bool Has(string name) => File.Exists(Path.Combine(folder, name));
        if (Has(SaeLensFiles.WeightsName))
            return DictionaryLayout.SaeLens;
        if (Has(SparsifyFiles.WeightsName))
            return DictionaryLayout.Sparsify;
        return Has(DictionaryLearningFiles.WeightsName)
            ? DictionaryLayout.DictionaryLearning
            : throw new FileNotFoundException(
                $"There is no dictionary in '{folder}': wanted {SaeLensFiles.WeightsName} (SAELens), {DictionaryLearningFiles.WeightsName} (dictionary_learning) "
                + $"or {SparsifyFiles.WeightsName} (sparsify), each with its configuration.");
    }
}
