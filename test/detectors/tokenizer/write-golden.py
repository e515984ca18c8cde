"""Writes bpe.json, wordpiece.json (tokenizers of a few words) and golden.json: what the Python
package tokenizers makes of some texts with them.

    python3 -m venv venv && venv/bin/pip install tokenizers
    venv/bin/python test/detectors/tokenizer/write-golden.py
"""
import json, pathlib
import tokenizers
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

here = pathlib.Path(__file__).parent
CORPUS = ["a photo of a quiet street at night", "a photo of a cat on a red chair",
          "people fighting in the street", "a drawing of two cats and a dog", "the night is quiet"] * 3
TEXTS = ["a photo of a cat", "People FIGHTING  in the   street!", "", "naïve café — 12 dogs, don't",
         "unseenword 🙂 東京", "  a  cat\n\tat night ", "the cats' chair's 3rd leg", "x" * 120]


def bpe():
    """As CLIP's: lower case, spaces joined, byte-level letters, ends of words marked."""
    tokenizer = Tokenizer(models.BPE(unk_token="<|endoftext|>", end_of_word_suffix="</w>",
                                     continuing_subword_prefix=""))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()])
    pattern = r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(pattern), behavior="removed", invert=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False)])
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=700, end_of_word_suffix="</w>", show_progress=False,
                                  initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
                                  special_tokens=["<|startoftext|>", "<|endoftext|>"])
    tokenizer.train_from_iterator(CORPUS, trainer)
    ids = {token: tokenizer.token_to_id(token) for token in ("<|startoftext|>", "<|endoftext|>")}
    start, end = (tokenizer.token_to_id(token) for token in ("<|startoftext|>", "<|endoftext|>"))
    tokenizer.post_processor = processors.RobertaProcessing(
        ("<|endoftext|>", end), ("<|startoftext|>", start), False, False)
    return tokenizer


def wordpiece():
    """As BERT's, uncased."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    trainer = trainers.WordPieceTrainer(vocab_size=120, show_progress=False,
                                        special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    tokenizer.train_from_iterator(CORPUS, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0", pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
        special_tokens=[(token, tokenizer.token_to_id(token)) for token in ("[CLS]", "[SEP]")])
    return tokenizer


golden = {"tokenizers": tokenizers.__version__, "texts": TEXTS}
for name, tokenizer in (("bpe", bpe()), ("wordpiece", wordpiece())):
    tokenizer.save(str(here / f"{name}.json"), pretty=False)
    golden[name] = [tokenizer.encode(text).ids for text in TEXTS]
    print(name, tokenizer.get_vocab_size(), [len(ids) for ids in golden[name]])
(here / "golden.json").write_text(json.dumps(golden) + "\n")
